import Foundation
import Measuring
import Reglow

/// The shape of one pointwise product of one level of a model, for 64x64 images: `layers.json` lists them.
struct Layer: Decodable {
    let model: Prior
    let level: Int
    let layer: Name
    let rows: Int
    let depth: Int
    /// Height and width of the level.
    let side: Int

    enum Name: String, Decodable {
        /// The 1x1 convolution with actnorm.
        case mixing
        /// The three products of the coupling network.
        case first, second, third
    }

    static func all() throws -> [Layer] {
        guard let url = Bundle.module.url(forResource: "layers", withExtension: "json") else {
            throw WrongResult("the bundle has no layers.json")
        }
        return try JSONDecoder().decode([Layer].self, from: try Data(contentsOf: url))
    }

    /// Whether it is on the finest or on the coarsest level: what differs most.
    var isExtreme: Bool { level == 0 || level == 3 }

    /// How many vectors cover the pixels of one image.
    func vectors(lanes: Int) -> Int { (side * side + lanes - 1) / lanes }

    /// What the products of a network are computed in; a mixing is float32 always.
    var precisions: [Precision] { layer == .mixing ? [.fp32] : Precision.allCases }
}

/// Floats from plane to plane: whole cache lines, an odd number of them, as in a flow.
func planeStride(vectors: Int, lanes: Int) -> Int { ((vectors * lanes + 15) / 16 | 1) * 16 }

/// What a map of the flow does with a product of a network, or with a mixing.
enum Use: String, CaseIterable {
    case value, tangent, cotangent

    var isTransposed: Bool { self == .cotangent }

    /// What the product does to its result; nil where another use does the same.
    func epilogue(of layer: Layer.Name) -> Epilogue? {
        switch (self, layer) {
        case (.value, .first), (.value, .second): .rectify
        case (.value, .mixing), (.value, .third): .store
        case (.tangent, .first), (.tangent, .second): .mask
        case (.tangent, .mixing), (.tangent, .third): nil
        case (.cotangent, .second), (.cotangent, .third): .mask
        case (.cotangent, .mixing), (.cotangent, .first): .store
        }
    }
}

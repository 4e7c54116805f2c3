import Foundation
import Reglow

/// The models that are measured.
package enum Prior: String, CaseIterable, Codable, Sendable {
    /// The shipped prior: L = 4, K = 16, h = 128.
    case bootstrap
    /// The network of the paper, L = 4, K = 32, h = 512, with random weights.
    case paper
    /// The shipped prior's network with affine coupling and random weights.
    case affine
    /// The same with what version 2 of the model file has besides: borders and a learned prior on each level.
    case borders

    /// The file of the shipped prior.
    package var path: String { Self.shipped.path }

    /// - Throws: what loading a model throws.
    package func load(_ precision: Precision) throws -> Glow {
        switch self {
        case .bootstrap: try Glow(path: Self.shipped.path, precision: precision)
        case .paper, .affine, .borders: try Glow(RandomGlow(architecture: try architecture(), seed: 1), precision: precision)
        }
    }

    /// - Throws: never for these numbers.
    package func architecture() throws -> GlowArchitecture {
        switch self {
        case .bootstrap: try GlowArchitecture(levels: 4, steps: 16, hidden: 128)
        case .paper: try GlowArchitecture(levels: 4, steps: 32, hidden: 512)
        case .affine: try GlowArchitecture(levels: 4, steps: 16, hidden: 128, coupling: .affine)
        case .borders:
            try GlowArchitecture(
                levels: 4, steps: 16, hidden: 128, coupling: .affine,
                variant: GlowVariant(
                    stepTensors: Array(repeating: Array(repeating: [.net0Border, .net2Border], count: 16), count: 4),
                    priors: Array(repeating: .convolution([.weight, .bias, .border]), count: 3) + [.convolution([.bias, .border])]))
        }
    }

    /// Floating-point operations of one pass over one image.
    package func operations(height: Int, width: Int) throws -> Double {
        let macs = try architecture().multiplyAccumulates(height: height, width: width)
        return 2 * (macs.couplings + macs.mixings)
    }

    private static let shipped = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Models/faces64-bootstrap.safetensors").standardizedFileURL
}

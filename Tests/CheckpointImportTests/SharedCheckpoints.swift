import CheckpointImport
import Foundation
import TestSupport
import Testing

/// Checkpoints that the families' own codes wrote, with what these codes compute. They are not part of the package: where they lie beside it, in
/// `shared/checkpoints`, they are tested too.
enum SharedCheckpoints {
    static let folder = PackageFolder.path("../shared/checkpoints")

    struct Case: Sendable, CustomStringConvertible {
        let file: String
        var settings: [String] = []

        var description: String { file }
        var name: String { String(file.split(separator: ".")[0]) }
    }

    static let all = [
        Case(file: "glowip-affine-L3K3.pt", settings: ["squeeze=interleaved", "last-offset=1"]),
        Case(file: "glowip-additive-L2K2.pt", settings: ["squeeze=interleaved"]),
        Case(file: "glowip-contiguous-L3K2.pt", settings: ["squeeze=contiguous", "last-offset=0"]),
        Case(file: "rosinality-additive-L2K3.pt"),
        Case(file: "rosinality-affine-L3K2.pt"), Case(file: "y0ast-affine-L2K2.pth"), Case(file: "chaiyujin-affine-L2K2.pkg"),
        Case(file: "normflows-affine-L3K2.pth", settings: ["scale-map=sigmoid"]), Case(file: "normflows-additive-L2K3.pth"),
        Case(file: "kamen-L2K3.pt"), Case(file: "pclucas-affine-L2K2.pth"), Case(file: "openai-additive-L3K2.npz"),
        Case(file: "dajin-affine-L4K1.ckpt"),
    ]

    static var areThere: Bool { FileManager.default.fileExists(atPath: folder) }

    static func flow(_ example: Case) throws -> FoldedFlow {
        let checkpoint = try GlowCheckpoint(path: "\(folder)/\(example.file)")
        var settings = ImportSettings()
        for setting in example.settings { try settings.set(setting) }
        let flow = try checkpoint.folded(settings)
        guard let choice = try ImportChoice(checkpoint, flow, settings, ImportConfiguration()) else { return flow }
        return try #require(choice.given()).hypothesis.applied(to: flow)
    }

    /// The arrays of an archive of NumPy.
    static func arrays(_ path: String) throws -> [String: (shape: [Int], values: [Double])] {
        let container = try CheckpointContainer(path: path)
        return try container.tables[0].tensors.mapValues { ($0.shape, try container.values($0)) }
    }
}

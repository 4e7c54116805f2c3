import CheckpointImport
import Foundation
import GlowModel
import TestSupport
import Testing

@Suite struct GlowExportTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A model file with random weights, and some that are not small.
    private func model(_ coupling: GlowArchitecture.Coupling, channels: Int = 3, pixelShift: Float = -0.5) throws -> String {
        let architecture = try GlowArchitecture(
            levels: 2, steps: 3, hidden: 7, imageChannels: channels, coupling: coupling, pixelShift: pixelShift)
        let path = folder.file("model.safetensors")
        try ModelFile.write(RandomGlow(architecture: architecture, seed: 4), to: path)
        return path
    }

    /// What comes back has the maps that went out, at 1e-6, at the border too, where the family pads with 1.
    @Test(arguments: [GlowArchitecture.Coupling.additive, .affine], ["pt", "safetensors"])
    func whatIsExportedComesBack(coupling: GlowArchitecture.Coupling, ending: String) throws {
        for (channels, shift) in [(3, Float(-0.5)), (1, -0.25)] {
            let path = try model(coupling, channels: channels, pixelShift: shift)
            let output = folder.file("state.\(ending)")
            try GlowExport(model: path, hidden: 9).write(to: output)
            let checkpoint = try GlowCheckpoint(path: output)
            #expect(checkpoint.family == .rosinality)
            let flow = try checkpoint.folded(ImportSettings())
            #expect(flow.fitsVersion1 && flow.architecture.hidden == 9 && flow.architecture.steps == [3, 3])

            let own = try Glow(path: path)
            let (height, width) = (8, 12)
            let n = channels * height * width
            let pixels = uniformNumbers(n, seed: 6)
            let point = try own.makeLinearization(imageShape: .init(channels: channels, height: height, width: width), threads: 1)
            var latent = [Float](repeating: 0, count: n)
            var logDeterminant = [0.0]
            own.forward(pixels.map { $0 + shift }, count: 1, recording: point, into: &latent, logDeterminants: &logDeterminant)
            let (again, logDeterminantAgain) = flow.forward(pixels.map { Double($0) - 0.5 }, height: height, width: width)
            let largest = latent.map(abs).max() ?? 0
            #expect(zip(latent, again).allSatisfy { abs(Double($0) - $1) < 1e-6 * max(1, Double(largest)) })
            #expect(abs(logDeterminant[0] - logDeterminantAgain) < 1e-5 * max(1, abs(logDeterminantAgain)))
        }
    }

    /// The width that the family's code builds, where the model has room in it.
    @Test func networksAreFilledUp() throws {
        let path = try model(.additive)
        #expect(try GlowExport(model: path).hidden == 512)
        #expect(try GlowExport(model: path, hidden: 8).hidden == 8)
        let error = #expect(throws: CheckpointError.self) { try GlowExport(model: path, hidden: 7) }
        #expect(error?.reason.contains("need 8") == true)
    }

    /// All names of the family's state dict, as its code with LU factors has them.
    @Test func theStateDictIsWhole() throws {
        try GlowExport(model: try model(.affine), hidden: 8).write(to: folder.file("s.pt"))
        let names = Set(try CheckpointContainer(path: folder.file("s.pt")).tables[0].tensors.keys)
        #expect(names.count == 2 * (3 * (3 + 8 + 7) + 3))
        for name in [
            "blocks.1.flows.2.invconv.l_eye", "blocks.0.flows.0.actnorm.initialized", "blocks.1.prior.scale",
            "blocks.0.flows.1.coupling.net.4.conv.bias",
        ] {
            #expect(names.contains(name), "\(name)")
        }
    }

    @Test func whatTheFamilyCannotExpressIsRefused() throws {
        let uneven = try GlowArchitecture(steps: [2, 1], hidden: 4)
        try ModelFile.write(RandomGlow(architecture: uneven, seed: 1), to: folder.file("uneven.safetensors"))
        let error = #expect(throws: CheckpointError.self) { try GlowExport(model: folder.file("uneven.safetensors")) }
        #expect(error?.reason.contains("2, 1 steps") == true)
        #expect(throws: ModelFileError.self) { try GlowExport(model: folder.file("none")) }
    }

    /// A failed call leaves an old file alone.
    @Test func theFileAppearsWholeOrNotAtAll() throws {
        let export = try GlowExport(model: try model(.additive), hidden: 8)
        let path = try folder.file("old.pt", holding: [1, 2, 3])
        #expect(throws: (any Error).self) { try export.write(to: folder.file("none/old.pt")) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
        try export.write(to: path)
        #expect(try folder.names == ["model.safetensors", "old.pt"])
    }
}

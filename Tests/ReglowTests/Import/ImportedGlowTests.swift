import CheckpointSupport
import Foundation
import Reglow
import TestSupport
import Testing

@Suite struct ImportedGlowTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func images(_ count: Int, side: Int = 4) throws -> [Image] {
        try (0 ..< count).map { index in
            try Image(
                shape: ImageShape(channels: 3, height: side, width: side), pixels: uniformNumbers(3 * side * side, seed: UInt64(index + 1)))
        }
    }

    private func checkpoint(_ family: CheckpointFamily, isAffine: Bool = true, variant: Bool = false) throws -> String {
        try folder.file("c.pth", holding: MadeFile.bytes(FamilyTwin(family, isAffine: isAffine, variant: variant).state, .legacy))
    }

    @Test func whatWasFoundIsTold() throws {
        let imported = try ImportedGlow(checkpoint: checkpoint(.kamen))
        #expect(imported.family == .kamen && imported.container == "PyTorch (legacy)" && imported.place.isEmpty)
        #expect(imported.architecture.steps == [2, 2] && imported.architecture.coupling == .affine && imported.decisions.isEmpty)
        #expect(imported.modelFormat == "reglow-glow/2" && imported.imageSize == nil && imported.bitsPerDimension == nil)
        let card = imported.card(name: "mine")
        #expect(card.name == "mine" && card.entries["imported_from"]?.hasPrefix("kamen; sha256 ") == true)
    }

    /// A map of normflows ties a model to the size of its training.
    @Test func aMapHasItsSize() throws {
        let imported = try ImportedGlow(checkpoint: checkpoint(.normflows))
        #expect(imported.imageSize == Problem.ImageSize(height: 4, width: 4))
        let error = #expect(throws: FileError.self) {
            try ImportedGlow(checkpoint: checkpoint(.normflows), probe: ImportProbe(images: images(1, side: 8)))
        }
        #expect(error?.reason.contains("4x4") == true)
    }

    @Test func aProbeWithoutAnImageThatFitsIsAnError() throws {
        let error = #expect(throws: FileError.self) {
            try ImportedGlow(checkpoint: checkpoint(.rosinality), probe: ImportProbe(images: images(2, side: 6)))
        }
        #expect(error?.reason.contains("multiples of 4") == true)
    }

    /// The engine and the plain loops in double precision give the same bits.
    @Test(arguments: CheckpointFamily.allCases, [false, true])
    func theEngineAgreesWithPlainLoops(family: CheckpointFamily, variant: Bool) throws {
        var settings = ImportSettings()
        if family == .glowip { (settings.squeeze, settings.lastOffset) = (.contiguous, 1) }
        let probe = try ImportProbe(images: images(2))
        let checkpoint = try checkpoint(family, variant: variant)
        let imported = try ImportedGlow(checkpoint: checkpoint, settings: settings, probe: probe, threads: 1)
        let output = folder.file("m.safetensors")
        try imported.write(to: output)
        let check = try imported.check(output, images: probe, threads: 1)
        #expect(check.images == 2 && check.largestDifference < 1e-4)
        #expect(abs(check.bitsBefore - (imported.bitsPerDimension ?? 0)) < 1e-4)
    }

    /// A probe that cannot tell is an error with all readings.
    @Test func anUndecidedProbeListsTheReadings() throws {
        let error = #expect(throws: CheckpointError.self) {
            try ImportedGlow(checkpoint: checkpoint(.glowip, isAffine: false), probe: ImportProbe(images: images(3)), threads: 1)
        }
        #expect(error?.reason.contains("squeeze=contiguous-but-last: ") == true, "\(error?.reason ?? "")")
    }

    /// Of a folder the images count, and nothing else that lies in it.
    @Test func aFolderIsAProbe() throws {
        try folder.makeFolder("images/inner.png")
        try folder.file("images/note.txt", holding: [1])
        #expect(throws: FileError.self) { try ImportProbe(folder: folder.file("images")) }
        #expect(throws: FileError.self) { try ImportProbe(folder: folder.file("lost")) }
        for (index, image) in try images(ImportProbe.mostImages + 8).enumerated() {
            try ImageFile.write(image, to: folder.file("images/\(index).npy"))
        }
        let probe = try ImportProbe(folder: folder.file("images"), noiseLevels: 3)
        #expect(probe.images.count == ImportProbe.mostImages && probe.noiseLevels == 3)
        try folder.file("images/0.png", holding: [1])
        #expect(throws: FileError.self) { try ImportProbe(folder: folder.file("images")) }
    }

    @Test func theProbeIsDequantizedAsInTraining() throws {
        let pixels: [Float] = [0, 1, 0.5, 8.0 / 255] + [Float](repeating: 0.2, count: 12)
        let image = try Image(shape: ImageShape(channels: 1, height: 4, width: 4), pixels: pixels)
        let architecture = try GlowArchitecture(levels: 1, steps: 1, hidden: 2, imageChannels: 1)
        let probe = try PreparedProbe(ImportProbe(images: [image]), architecture, size: nil, bits: 5, path: "c")
        let values = probe.groups[0].images[0]
        // Steps of 8 grey levels, 1/32 wide.
        for (value, level) in zip(values, [0, 31, 16, 1]) {
            #expect((Float(level) / 32 - 0.5 ..< Float(level + 1) / 32 - 0.5).contains(value))
        }
    }
}

import CheckpointImport
import CheckpointSupport
import Foundation
import TestSupport
import Testing

/// Folding, held against twins of the families' codes.
@Suite struct FoldedFlowTests {
    /// A way to build a model of a family.
    struct Case: Sendable, CustomStringConvertible {
        let family: CheckpointFamily
        var isAffine = true
        var variant = false
        var isContiguous = false
        var lastOffset = 0.0

        var description: String {
            "\(family.rawValue) affine \(isAffine) variant \(variant) contiguous \(isContiguous) offset \(lastOffset)"
        }

        var settings: ImportSettings {
            var settings = ImportSettings()
            guard family == .glowip else { return settings }
            settings.squeeze = isContiguous ? .contiguous : .interleaved
            if isAffine { settings.lastOffset = lastOffset }
            return settings
        }
    }

    static let cases: [Case] =
        CheckpointFamily.allCases.flatMap { family in
            [Case(family: family), Case(family: family, variant: true), Case(family: family, isAffine: false, variant: true)]
        }.filter { $0.family != .kamen || $0.isAffine } + [
            Case(family: .glowip, isContiguous: true), Case(family: .glowip, lastOffset: 1),
        ]

    /// The twin's latents and log-determinant come out, at an image whose last level is one pixel wide: there borders are on both sides.
    @Test(arguments: cases) func foldingIsWhatTheCodeComputes(example: Case) throws {
        var twin = FamilyTwin(example.family, isAffine: example.isAffine, variant: example.variant)
        twin.isContiguous = example.isContiguous
        twin.lastOffset = example.lastOffset
        let (height, width) = (8, 4)
        let image = signedNumbers(3 * height * width, seed: 3).map { 0.5 * Double($0) }
        // What the family's code feeds its network for it.
        let offset: Double = [.chaiyujin, .pclucas, .normflows].contains(example.family) ? 0.5 : 0
        let expected = twin.forward(Volume(channels: 3, height: height, width: width, values: image.map { $0 + offset }))

        let folder = try TemporaryFolder()
        let form: MadeFile.Form = example.family == .openai ? .npz : .zip
        let prefix = example.family == .openai ? "model/" : "module."
        let state = Dictionary(uniqueKeysWithValues: twin.maker.state.map { (prefix + $0.key, $0.value) })
        let checkpoint = try GlowCheckpoint(path: folder.file("c", holding: MadeFile.bytes(state, form)))
        #expect(checkpoint.family == example.family && checkpoint.prefix == prefix)
        var flow = try checkpoint.folded(example.settings)
        if let choice = try ImportChoice(checkpoint, flow, example.settings, ImportConfiguration()) {
            flow = try #require(choice.given()).hypothesis.applied(to: flow)
        }
        let (latent, logDeterminant) = flow.forward(image, height: height, width: width)
        // The weights are rounded to single precision after folding.
        #expect(gap(latent, expected.latent) < 2e-6)
        #expect(abs(logDeterminant - expected.logDeterminant) < 2e-6 * max(10, abs(expected.logDeterminant)))
        #expect(gap(flow.inverse(latent, height: height, width: width), image) < 1e-10)
    }

    /// The largest deviation, relative to the largest magnitude.
    private func gap(_ a: [Double], _ b: [Double]) -> Double {
        guard a.count == b.count else { return .infinity }
        let largest = b.map(abs).max() ?? 1
        return (zip(a, b).map { abs($0 - $1) }.max() ?? 0) / largest
    }
}

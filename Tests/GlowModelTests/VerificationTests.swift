import GlowModel
import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// Every shipped golden file through `Verification`.
@Suite struct VerificationTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What a golden file holds that is not computed, but taken.
    static let factors: Set<GoldenFile.Tensor> = [.imageTangent, .latentCotangent, .latentTangent, .imageCotangent]
    static let results = GoldenFile.Tensor.allCases.filter { !factors.contains($0) }

    private func files(_ name: String, _ set: InstructionSet) throws -> (glow: Glow, golden: GoldenFile) {
        let glow = try Glow(ModelFile(path: golden("\(name).model")), kernels: set.table)
        return (glow, try GoldenFile(path: golden("\(name).golden"), architecture: glow.architecture))
    }

    @Test(arguments: InstructionSet.supported, goldenNames) func everyMapAgrees(set: InstructionSet, name: String) throws {
        let (glow, file) = try files(name, set)
        for threads in 1 ... 3 {
            let verification = try Verification(glow, against: file, parallelism: Parallelism(threads: threads))
            #expect(Set(verification.errors.keys) == Set(Self.results), "\(threads) threads")
            for (tensor, error) in verification.errors {
                #expect(error <= flowTolerance, "\(tensor.rawValue), \(threads) threads")
            }
            #expect(verification.worst == verification.errors.values.max())
        }
    }

    /// Writes the tensors of a golden file again, as `change` gives them; those for which it gives nil are left out.
    private func rewritten(
        _ path: String, _ change: (_ name: String, _ values: [Double]) -> [Double]?
    ) throws -> String {
        let file = try SafetensorsFile(path: path)
        let tensors = try file.tensorNames.compactMap { name in
            let shape = try file.shape(name)
            return change(name, try file.float64(name, shape: shape)).map { SafetensorsTensor(name, shape: shape, $0) }
        }
        let result = folder.file("rewritten.golden.safetensors")
        try SafetensorsFile.write(tensors: tensors, metadata: file.metadata, to: result)
        return result
    }

    @Test func whatTheFileLacksIsNotCounted() throws {
        let (glow, _) = try files("affine-L3K4h32", .portable)
        for kept in [[.image, .latent], [.image, .latent, .logDeterminant, .imageTangent, .forwardJVP]] as [Set<GoldenFile.Tensor>] {
            let names = kept.map(\.rawValue)
            let path = try rewritten(golden("affine-L3K4h32.golden")) { names.contains($0) ? $1 : nil }
            let file = try GoldenFile(path: path, architecture: glow.architecture)
            let verification = try Verification(glow, against: file, parallelism: Parallelism(threads: 1))
            #expect(Set(verification.errors.keys) == kept.subtracting(Self.factors))
            #expect(verification.worst <= flowTolerance)
        }
    }

    /// One number moved by a thousandth of the largest of its tensor.
    @Test(arguments: goldenNames, results) func oneWrongNumberFails(name: String, tensor: GoldenFile.Tensor) throws {
        let (glow, _) = try files(name, .portable)
        let path = try rewritten(golden("\(name).golden")) { other, values in
            guard other == tensor.rawValue else { return values }
            var values = values
            let largest = values.reduce(0) { max($0, abs($1)) }
            values[values.count / 3] += largest > 0 ? 1e-3 * largest : 1e-3
            return values
        }
        let file = try GoldenFile(path: path, architecture: glow.architecture)
        let verification = try Verification(glow, against: file, parallelism: Parallelism(threads: 2))
        #expect(verification.worst > flowTolerance)
        #expect((verification.errors[tensor] ?? 0) > flowTolerance)
    }

    /// One weight moved by a hundredth is another model.
    @Test(arguments: goldenNames) func oneWrongWeightFails(name: String) throws {
        struct Changed: GlowParameterSource {
            let model: ModelFile
            var architecture: GlowArchitecture { model.architecture }
            var card: ModelCard { model.card }

            func step(level: Int, index: Int) throws -> FlowStepParameters {
                let step = try model.step(level: level, index: index)
                guard level == 1, index == 2 else { return step }
                return try FlowStepParameters(shape: step.shape) { tensor in
                    var values = step[tensor]
                    if tensor == .mixingWeight { values[values.count / 2] += 0.01 }
                    return values
                }
            }
        }
        let (_, file) = try files(name, .portable)
        let glow = try Glow(Changed(model: ModelFile(path: golden("\(name).model"))), kernels: InstructionSet.portable.table)
        let verification = try Verification(glow, against: file, parallelism: Parallelism(threads: 2))
        for tensor in [GoldenFile.Tensor.latent, .image, .forwardJVP, .forwardVJP, .inverseJVP, .inverseVJP] {
            #expect((verification.errors[tensor] ?? 0) > flowTolerance, "\(tensor.rawValue)")
        }
    }

    @Test func theWrongModelFails() throws {
        let file = try files("additive-L3K4h32", .portable).golden
        let (other, _) = try files("affine-L3K4h32", .portable)
        #expect(try Verification(other, against: file, parallelism: Parallelism(threads: 1)).worst > flowTolerance)
    }

    @Test func imagesOfAnotherSizeThrow() throws {
        let file = try files("additive-L2K3h20", .portable).golden
        let (deeper, _) = try files("additive-L3K4h32", .portable)
        #expect(throws: GlowShapeError.self) {
            try Verification(deeper, against: file, parallelism: Parallelism(threads: 1))
        }
    }
}

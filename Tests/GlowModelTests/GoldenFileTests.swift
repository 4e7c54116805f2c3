import GlowModel
import TestSupport
import Testing

@Suite struct GoldenFileTests {
    let folder: TemporaryFolder
    let architecture: GlowArchitecture

    init() throws {
        folder = try TemporaryFolder()
        architecture = try GlowArchitecture(levels: 2, steps: 1, hidden: 4)
    }

    @Test(arguments: goldenNames) func shippedFilesLoad(name: String) throws {
        let architecture = try ModelFile(path: golden("\(name).model")).architecture
        let file = try GoldenFile(path: golden("\(name).golden"), architecture: architecture)
        #expect(file.model == "\(name).model.safetensors")
        #expect(file.imageShape.description == (name.contains("L2") ? "3x20x36" : "3x32x32"))
        for tensor in GoldenFile.Tensor.allCases {
            #expect(file[tensor]?.count == (tensor == .logDeterminant ? file.count : file.count * file.imageShape.count))
        }
    }

    func write(_ tensors: [(String, [Int])], format: String? = "reglow-golden/1") throws -> String {
        let path = folder.file("made.golden.safetensors")
        try SafetensorsFile.write(
            tensors: tensors.map { SafetensorsTensor($0, shape: $1, [Double](repeating: 0.25, count: $1.reduce(1, *))) },
            metadata: format.map { ["format": $0] } ?? [:], to: path)
        return path
    }

    @Test func imageAndLatentAreEnough() throws {
        let file = try GoldenFile(
            path: write([("image", [2, 3, 4, 8]), ("latent", [2, 96])]), architecture: architecture)
        #expect(file.count == 2)
        #expect(file[.latent]?.count == 192)
        #expect(file[.forwardJVP] == nil && file.model == nil)
    }

    @Test(
        arguments: [
            ([], "image"),
            ([("image", [1, 3, 4, 4])], "latent"),
            ([("latent", [1, 48])], "image"),
            ([("image", [3, 4, 4]), ("latent", [1, 48])], "image"),
            ([("image", [0, 3, 4, 4]), ("latent", [0, 48])], "image"),
            ([("image", [1, 1, 4, 4]), ("latent", [1, 16])], "image"),
            ([("image", [1, 3, 4, 6]), ("latent", [1, 72])], "image"),
            ([("image", [1, 3, 4, 4]), ("latent", [48])], "latent"),
            ([("image", [1, 3, 4, 4]), ("latent", [2, 24])], "latent"),
            ([("image", [1, 3, 4, 4]), ("latent", [1, 48]), ("log_determinant", [2])], "log_determinant"),
            ([("image", [1, 3, 4, 4]), ("latent", [1, 48]), ("surprise", [1])], "surprise"),
            ([("image", [1, 3, 4, 4]), ("latent", [1, 48]), ("forward_jvp", [1, 48])], "image_tangent"),
            ([("image", [1, 3, 4, 4]), ("latent", [1, 48]), ("image_cotangent", [1, 3, 4, 4])], "inverse_vjp"),
        ] as [([(String, [Int])], String)])
    func faultsNameTheTensor(tensors: [(String, [Int])], name: String) throws {
        let path = try write(tensors)
        expectFault(path, "tensor \"\(name)\"") { _ = try GoldenFile(path: path, architecture: architecture) }
    }

    @Test(arguments: [nil, "reglow-golden/2", ""]) func formatIsChecked(format: String?) throws {
        let path = try write([("image", [1, 3, 4, 4]), ("latent", [1, 48])], format: format)
        expectFault("metadata \"format\"") { _ = try GoldenFile(path: path, architecture: architecture) }
    }

    @Test func modelIsNoGoldenFile() throws {
        expectFault("format", "reglow-glow/1") {
            _ = try GoldenFile(path: golden("affine-L3K4h32.model"), architecture: architecture)
        }
    }
}

import Foundation
import Reglow
import TestSupport
import Testing

/// `reglow verify`.
@Suite struct VerifyCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test(arguments: ["additive-L2K3h20", "additive-L3K4h32", "affine-L3K4h32"])
    func verify(_ name: String) throws {
        let golden = PackageFolder.path("Tests/GlowModelTests/Golden/\(name)")
        let files = ["--model", golden + ".model.safetensors", "--golden", golden + ".golden.safetensors"]
        let pass = try Command.run(["verify", "--json", "-"] + files, in: folder)
        #expect(pass.status == 0, "\(pass.messages)")
        let report = try pass.json()
        #expect(report["pass"] as? Bool == true)
        let errors = try #require(report["errors"] as? [String: Double])
        #expect(errors.keys.contains("log_determinant") && errors.keys.contains("inverse_vjp"))
        #expect(errors.values.allSatisfy { $0 <= 1e-5 })

        let fail = try Command.run(["verify", "--json", "-", "--tolerance", "0"] + files, in: folder)
        #expect(fail.status == 1 && fail.errors.count == 1, "\(fail.messages)")
        #expect(try fail.json()["pass"] as? Bool == false)
    }

    /// Against the model's own fp32 the maps have the errors of bf16, and in fp32 none but those of the way there and back.
    @Test func verifyAgainstTheModelsOwnFP32() throws {
        try folder.writePicture("u.png", height: 8, width: 12)
        let options = ["verify", "--model", "tiny.safetensors", "--image", "u.png", "--json", "-"]
        func errors(_ more: [String]) throws -> [String: Double] {
            let ending = try Command.run(options + more, in: folder)
            #expect(ending.status == 0, "\(ending.messages)")
            return try #require(try ending.json()["errors"] as? [String: Double])
        }
        let single = try errors([])
        #expect(single.count == 8)
        #expect(single.allSatisfy { $0.key == "image" ? $0.value <= 1e-5 : $0.value == 0 })
        let half = try errors(["--precision", "bf16", "--tolerance", "0.5"])
        for map in ["latent", "image", "forward_jvp", "forward_vjp", "inverse_jvp", "inverse_vjp"] {
            #expect(half[map] ?? 0 > 1e-5, "\(map)")
        }
        try folder.writePicture("odd.png", height: 9, width: 12)
        try Command.fail(
            1, naming: ["odd.png", "multiples"], arguments: ["verify", "--model", "tiny.safetensors", "--image", "odd.png"],
            in: folder)
    }

    /// The last number of a golden file belongs to its last tensor.
    @Test func aChangedGoldenNumberFails() throws {
        let golden = PackageFolder.path("Tests/GlowModelTests/Golden/additive-L2K3h20")
        var bytes = try FileBytes.read(golden + ".golden.safetensors")
        bytes.replaceSubrange(bytes.count - 8 ..< bytes.count, with: withUnsafeBytes(of: 3.5.bitPattern) { [UInt8]($0) })
        try folder.file("changed.safetensors", holding: bytes)
        try Command.fail(
            1, naming: ["changed.safetensors"],
            arguments: ["verify", "--model", golden + ".model.safetensors", "--golden", "changed.safetensors"],
            in: folder)
    }
}

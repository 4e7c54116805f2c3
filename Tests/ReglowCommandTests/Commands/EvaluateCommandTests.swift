import Foundation
import Reglow
import TestSupport
import Testing

/// `reglow evaluate`.
@Suite struct EvaluateCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test func evaluate() throws {
        let truth = try folder.writePicture("u.npy")
        try ImageFile.write(try Image(shape: truth.shape, pixels: truth.pixels.map { $0 + 0.1 }), to: folder.file("x.npy"))
        let report = try Command.succeed("evaluate", "u.npy", "x.npy", "--json", "-", in: folder).json()
        #expect(Set(report.keys) == ["psnr", "ssim"])
        // A difference of 0.1 everywhere is 20 dB; adding it rounds each pixel by at most 2^-24.
        #expect(abs((report["psnr"] as? Double ?? 0) - 20) < 1e-4)
        let same = try Command.succeed("evaluate", "u.npy", "u.npy", "--json", "-", in: folder).json()
        #expect(same["psnr"] is NSNull)
        #expect(same["ssim"] as? Double == 1)
        try Command.succeed("evaluate", "u.npy", "x.npy", "--json", "r.json", in: folder)
        #expect(try folder.contents().contains("r.json"))
    }
}

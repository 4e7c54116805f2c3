import Reglow
import TestSupport
import Testing

@Suite struct StartOptionTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test(arguments: ["adjoint", "zero", "random", "u.png"])
    func everyStartWorks(_ start: String) throws {
        try folder.writePicture("u.png", height: 9, width: 7)
        try Command.succeed("degrade", "u.png", "--problem", "denoise", "--output", "y.npy", in: folder)
        try Command.succeed(
            "restore", "y.npy", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "5", "--start", start,
            "--output",
            "x.png", "--method", "synthesis", in: folder)
    }
}

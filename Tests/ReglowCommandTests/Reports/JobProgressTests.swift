import Reglow
import TestSupport
import Testing

@Suite struct JobProgressTests {
    /// A plain line now and then says how far a job is, how fast, and how long it will take.
    @Test func aPlainLineSaysHowFarAJobIs() throws {
        let folder = try TemporaryFolder.withModel()
        try folder.makeFolder("in")
        for index in 0 ..< 3 { try folder.writePicture("in/\(index).png", phase: Float(index)) }
        let arguments = [
            "batch", "in", "-o", "out", "--problem", "denoise", "--prior", "tiny.safetensors", "--noise", "0.05", "--max-evaluations",
            "300",
            "--tolerance", "0",
        ]
        let told = try Command.run(arguments, in: folder)
        #expect(told.messages.contains("reglow: 3 images\n"))
        #expect(try Command.run(arguments, in: folder).messages.contains("reglow: 3 images, 3 are done already\n"))
        let quiet = try Command.run(arguments + ["--quiet"], in: folder)
        #expect(quiet.messages.isEmpty)
    }
}

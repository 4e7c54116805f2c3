import TestSupport
import Testing

@Suite struct MemoryOptionTests {
    @Test(arguments: ["4096", "-1GB", "much", "0MB", "1e99TB"]) func aSizeHasAUnit(size: String) throws {
        let folder = try TemporaryFolder.withModel()
        try folder.writePicture("y.npy")
        let ending = try Command.run(
            ["restore", "y.npy", "--problem", "denoise", "--prior", "tiny.safetensors", "--output", "x.npy", "--memory=" + size], in: folder
        )
        #expect(ending.status == 64 && ending.errors.first?.contains("--memory") == true, "\(ending.messages)")
    }
}

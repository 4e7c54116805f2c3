import Files
import Testing

@Suite struct MemoryProbeTests {
    @Test func whatIsThereIsAllowed() throws {
        for bytes in [.min, -1, 0, 1, 1 << 20] {
            #expect(MemoryProbe.allows(bytes))
            try MemoryProbe.require(bytes, for: "x.png")
        }
    }

    /// No address space is as large.
    @Test func whatIsNotThereIsAnErrorThatNamesTheFile() {
        #expect(!MemoryProbe.allows(1 << 62))
        let error = #expect(throws: FileError.self) { try MemoryProbe.require(1 << 62, for: "x.png") }
        #expect(error?.description == "x.png: not enough memory: \(1 << 42) MB are needed at once to read it")
    }
}

import Files
import Testing

@Suite struct MemoryProbeTests {
    @Test func whatIsThereIsAllowed() throws {
        for bytes in [.min, -1, 0, 1, 1 << 20] {
            #expect(MemoryProbe.allows(bytes))
            try MemoryProbe.require(bytes, for: "x.png")
        }
    }
}

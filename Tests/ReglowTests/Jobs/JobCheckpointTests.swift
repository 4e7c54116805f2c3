import Files
import Reglow
import TestSupport
import Testing

@Suite struct JobCheckpointTests {
    private static let owner = JobCheckpoint.Owner(job: "a", inputSha256: "b", isa: "avx2", gradients: .fp32, version: "1")

    private static var state: SolveState {
        var state = SolveState()
        state.numbers["value"] = [.nan, -.infinity, 0x1.123456789ABCDp-900, -0.0]
        state.numbers["empty"] = []
        state.vectors["x"] = [1, -.infinity, 0x1.2p-140, -0.0]
        state.vectors["none"] = []
        return state
    }

    @Test func aFileKeepsEachBit() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.safetensors")
        try JobCheckpoint.write(Self.state, of: Self.owner, to: path, AtomicFile.Durability())
        let read = try #require(try JobCheckpoint.read(path, for: Self.owner))
        #expect(read.numbers.mapValues { $0.map(\.bitPattern) } == Self.state.numbers.mapValues { $0.map(\.bitPattern) })
        #expect(read.vectors.mapValues { $0.map(\.bitPattern) } == Self.state.vectors.mapValues { $0.map(\.bitPattern) })
    }

    /// Another measurement, job, instruction set or version would go on to other bits.
    @Test func theStateOfAnotherSolveIsNotTaken() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.safetensors")
        try JobCheckpoint.write(Self.state, of: Self.owner, to: path, AtomicFile.Durability())
        for other in [
            JobCheckpoint.Owner(job: "x", inputSha256: "b", isa: "avx2", gradients: .fp32, version: "1"),
            JobCheckpoint.Owner(job: "a", inputSha256: "x", isa: "avx2", gradients: .fp32, version: "1"),
            JobCheckpoint.Owner(job: "a", inputSha256: "b", isa: "avx512", gradients: .fp32, version: "1"),
            JobCheckpoint.Owner(job: "a", inputSha256: "b", isa: "avx2", gradients: .bf16, version: "1"),
            JobCheckpoint.Owner(job: "a", inputSha256: "b", isa: "avx2", gradients: .fp32, version: "2"),
        ] {
            #expect(try JobCheckpoint.read(path, for: other) == nil)
        }
    }

    @Test func aDamagedFileIsAnError() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.safetensors")
        try JobCheckpoint.write(Self.state, of: Self.owner, to: path, AtomicFile.Durability())
        let bytes = try FileBytes.read(path)
        for count in stride(from: 0, to: bytes.count, by: 7) {
            try folder.file("cut.safetensors", holding: bytes.prefix(count))
            #expect(throws: (any Error).self) { try JobCheckpoint.read(folder.file("cut.safetensors"), for: Self.owner) }
        }
    }
}

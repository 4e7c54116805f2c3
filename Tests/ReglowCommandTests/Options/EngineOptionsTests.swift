import Reglow
import TestSupport
import Testing

@Suite struct EngineOptionsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: InstructionSet.supported)
    func theOneAskedForRuns(_ set: InstructionSet) throws {
        let environment = ["REGLOW_ISA": set.rawValue]
        let info = try Command.succeed("info", "--json", "-", in: folder, environment: environment).json()
        #expect(info["isa"] as? String == set.rawValue)
        let bench = try Command.succeed(
            "bench", "--random", "1,1,8", "--size", "8x8", "--repeats", "1", "--json", "-", in: folder, environment: environment
        ).json()
        #expect(bench["isa"] as? String == set.rawValue)
    }

    @Test func anUnknownOneIsAnError() throws {
        try Command.fail(64, naming: ["REGLOW_ISA", "mmx"], arguments: ["info"], in: folder, environment: ["REGLOW_ISA": "mmx"])
    }
}

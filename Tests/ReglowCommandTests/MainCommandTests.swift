import Reglow
import TestSupport
import Testing

/// `reglow` as a whole.
@Suite struct MainCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test func everySubcommandHasHelp() throws {
        for name in ["degrade", "restore", "evaluate", "verify", "info", "bench", "table", "sample", "demo"] {
            let help = try Command.succeed("help", name, in: folder).output
            for option in ["--json", "--threads", "--precision", "--quiet"] { #expect(help.contains(option), "\(name) \(option)") }
        }
    }
}

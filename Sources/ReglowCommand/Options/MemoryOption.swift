import ArgumentParser
import Reglow

/// How much memory a call may take.
struct MemoryOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The most memory that the process may take, such as 800MB, 4GB or 2GiB. A picture that needs more is restored in overlapping \
            windows. (default: what the machine, its cgroup and ulimit leave, with a margin)
            """, valueName: "size"))
    var memory: MemorySize?

    /// Bytes of the process: what `--memory` says, and no more than it can have; nil where neither is known.
    func limit(threads: Int) -> Int? { MemoryLimit.bytes(asked: memory?.bytes, threads: threads) }
}

/// A number of bytes with its unit.
struct MemorySize: ExpressibleByArgument {
    let bytes: Int

    private static let units: [(String, Double)] = [
        ("kib", 0x1p10), ("mib", 0x1p20), ("gib", 0x1p30), ("tib", 0x1p40), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12),
        ("k", 1e3), ("m", 1e6), ("g", 1e9), ("t", 1e12), ("b", 1),
    ]

    /// Returns nil for a text without a unit: whether 4096 are bytes or megabytes cannot be known.
    init?(argument: String) {
        let text = argument.lowercased().filter { $0 != " " }
        guard let (unit, factor) = Self.units.first(where: { text.hasSuffix($0.0) }),
            let number = Double(text.dropLast(unit.count)), number > 0, number * factor < 0x1p62
        else { return nil }
        bytes = Int(number * factor)
    }
}

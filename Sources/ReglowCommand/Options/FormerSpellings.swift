import Reglow

/// Spellings of options that were others before version 0.2: they are understood, and the user is told the new one.
enum FormerSpellings {
    /// By subcommand, the former spelling and today's.
    private static let all: [String: [String: String]] = [
        "restore": ["--weight": "--regularization-weight", "--iterations": "--max-evaluations", "--init": "--start"],
        "batch": ["--iterations": "--max-evaluations"],
        "table": ["--iterations": "--max-evaluations"],
        "demo": ["--iterations": "--max-evaluations"],
        "train": ["--iterations": "--steps", "--init": "--from", "--average": "--ema-decay"],
    ]

    /// The arguments as today's command takes them.
    ///
    /// - Parameter tell: hears of each spelling that was replaced, the former and today's.
    static func translated(_ arguments: [String], tell: (_ former: String, _ current: String) -> Void) -> [String] {
        guard let subcommand = arguments.first, let spellings = all[subcommand] else { return arguments }
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return arguments.enumerated().map { index, argument in
            let name = String(argument.prefix { $0 != "=" })
            guard index < end, let current = spellings[name] else { return argument }
            tell(name, current)
            return current + argument.dropFirst(name.count)
        }
    }
}

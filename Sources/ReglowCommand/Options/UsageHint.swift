import Reglow

/// The word that a misspelt one on the command line was meant for.
enum UsageHint {
    /// The parser's message with a question behind its first line, where it refuses a word that is near to one that it would take.
    ///
    /// - Parameter subcommands: what the first argument may be.
    static func added(to message: String, firstArgument: String?, subcommands: [String]) -> String {
        var lines = message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let first = lines.first, first.hasPrefix("Error: "), !first.contains("Did you mean") else { return message }
        let quoted = words(quotedIn: first)
        let near: String?
        if first.contains(" is invalid for "), quoted.count > 1 {
            // The value, the option, and what the option takes: in the same line, or many words each in a line of its own.
            let listed = lines.dropFirst().prefix { $0.hasPrefix("  - ") }.map { String($0.dropFirst(4)) }
            near = NearestWord.to(quoted[0], among: quoted.dropFirst(2) + listed)
        } else if let firstArgument, quoted.first == firstArgument, first.contains("nexpected argument") {
            near = NearestWord.to(firstArgument, among: subcommands)
        } else {
            near = nil
        }
        guard let near else { return message }
        lines[0] += " Did you mean '\(near)'?"
        return lines.joined(separator: "\n")
    }

    /// What stands between single quotes, in order.
    private static func words(quotedIn text: String) -> [String] {
        text.split(separator: "'", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}

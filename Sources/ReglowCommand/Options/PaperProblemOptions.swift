import ArgumentParser

/// Which of the problems that `table` and `demo` pose.
struct PaperProblemOptions: ParsableArguments {
    @Option(
        name: .customLong("problem"),
        help: ArgumentHelp(
            """
            Only this problem; may be given several times. superres and inpaint are both of the paper's. denoise, and deblur-window, a \
            window of whose surroundings nothing is known, are not among the paper's five. (default: the paper's five)
            """, valueName: "name"))
    var words: [ProblemWord] = []

    func validate() throws {
        if words.contains(.compressive) {
            throw ValidationError("--problem: compressive is not posed here; there are \(Self.posed.joined(separator: ", "))")
        }
        let names = words.flatMap(\.paperProblems)
        if let name = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw ValidationError("--problem: \(name.rawValue) is named twice")
        }
    }

    private static var posed: [String] { ProblemWord.allCases.filter { !$0.paperProblems.isEmpty }.map(\.rawValue) }

    /// The problems that are named, or those of the paper where none is.
    func chosen() throws -> [PaperProblem] {
        try (words.isEmpty ? PaperProblem.Name.paper : words.flatMap(\.paperProblems)).map { try PaperProblem($0) }
    }
}

import ArgumentParser

/// Which of the paper's problems.
struct PaperProblemOptions: ParsableArguments {
    @Option(
        name: .customLong("problem"),
        help: ArgumentHelp(
            """
            Only this problem; may be given several times. deblur-window, which is not among the five, deblurs a window, of whose \
            surroundings nothing is known. (default: the paper's five)
            """, valueName: "name"))
    var names: [PaperProblem.Name] = []

    func validate() throws {
        if let name = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw ValidationError("--problem: \(name.rawValue) is named twice")
        }
    }

    /// The problems that are named, or those of the paper where none is.
    func chosen() throws -> [PaperProblem] { try (names.isEmpty ? PaperProblem.Name.paper : names).map { try PaperProblem($0) } }
}

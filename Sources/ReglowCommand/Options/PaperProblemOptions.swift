import ArgumentParser

/// Which of the paper's problems.
struct PaperProblemOptions: ParsableArguments {
    @Option(
        name: .customLong("problem"), help: ArgumentHelp("Only this problem; may be given several times.", valueName: "name"))
    var names: [PaperProblem.Name] = []

    func validate() throws {
        if let name = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw ValidationError("--problem: \(name.rawValue) is named twice")
        }
    }

    /// All of them where none is named.
    func chosen() throws -> [PaperProblem] { try (names.isEmpty ? PaperProblem.Name.allCases : names).map { try PaperProblem($0) } }
}

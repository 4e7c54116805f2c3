import Reglow
import TestSupport
import Testing

@Suite struct SolverArgumentsTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test(arguments: ["auto", "gd", "adam", "lbfgs", "gauss-newton"])
    func everySolverLowersTheObjective(_ solver: String) throws {
        try folder.writePicture("u.png")
        try Command.succeed("degrade", "u.png", "--problem", "inpaint", "--hole", "6", "--output", "y.npy", in: folder)
        func objective(_ iterations: String) throws -> Double {
            let report = try Command.succeed(
                "restore", "y.npy", "--problem", "inpaint", "--hole", "6", "--prior", "tiny.safetensors", "--solver", solver,
                "--max-evaluations",
                iterations, "--regularization-weight", "0.01", "--output", "x.png", "--json", "-", in: folder
            ).json()
            return try #require((report["results"] as? [[String: Any]])?.first?["objective"] as? Double)
        }
        #expect(try objective("40") < objective("1"))
    }

    /// What the options say, and what the report and the trace say that was done.
    @Test(arguments: [
        ([], "auto", "auto", ["analysis"]), (["--solver", "auto"], "auto", "auto", ["analysis"]),
        (["--method", "synthesis"], "synthesis", "lbfgs", ["synthesis"]), (["--solver", "adam"], "analysis", "adam", ["analysis"]),
        (["--solver", "gauss-newton"], "analysis", "gauss-newton", ["analysis"]),
        (["--method", "synthesis", "--solver", "gd"], "synthesis", "gd", ["synthesis"]),
    ])
    func theSolverIsChosen(_ options: [String], method: String, solver: String, unknowns: [String]) throws {
        try folder.writePicture("u.png")
        try Command.succeed("degrade", "u.png", "--problem", "deblur", "--output", "y.npy", in: folder)
        let ending = try Command.run(
            ["restore", "y.npy", "--problem", "deblur", "--border", "periodic", "--prior", "tiny.safetensors", "--max-evaluations", "20"]
                + ["--output", "x.png"]
                + ["--json", "-", "--trace", "t.csv"] + options, in: folder)
        let report = try ending.json()
        #expect(report["method"] as? String == method)
        #expect(report["solver"] as? String == solver)
        #expect(try unknownsOfTheTrace() == unknowns)
    }

    /// Where pixels are missing, the default solver looks for them in the latent first.
    @Test func missingPixelsAreSoughtInTheLatentFirst() throws {
        try folder.writePicture("u.png")
        try Command.succeed("degrade", "u.png", "--problem", "inpaint", "--hole", "6", "--output", "y.npy", in: folder)
        try Command.succeed(
            "restore", "y.npy", "--problem", "inpaint", "--hole", "6", "--prior", "tiny.safetensors", "--max-evaluations", "20", "--output",
            "x.png", "--trace", "t.csv", in: folder)
        #expect(try unknownsOfTheTrace() == ["synthesis", "analysis"])
    }

    /// What the column `unknown` of t.csv says, each run of equals once.
    private func unknownsOfTheTrace() throws -> [String] {
        var seen: [String] = []
        for unknown in try folder.column("unknown", of: "t.csv") where seen.last != unknown { seen.append(unknown) }
        return seen
    }
}

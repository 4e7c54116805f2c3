import TestSupport

extension TemporaryFolder {
    /// A folder with a prior, a folder `y` for measurements and a folder `u` for truths.
    static func forManyImages() throws -> TemporaryFolder {
        let folder = try withModel()
        try folder.makeFolder("y")
        try folder.makeFolder("u")
        return folder
    }

    /// Runs `reglow restore` with the small prior.
    func restore(_ arguments: String..., arguments others: [String] = [], problem: String = "deblur") throws -> Command.Ending {
        let arguments = arguments + others
        let options = ["--problem", problem, "--prior", "tiny.safetensors"]
        let iterations = arguments.contains("--max-evaluations") ? [] : ["--max-evaluations", "15"]
        return try Command.run(["restore"] + arguments + options + iterations, in: self)
    }
}

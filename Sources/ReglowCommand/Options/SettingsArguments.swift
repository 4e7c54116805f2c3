import ArgumentParser
import Reglow

/// How images are restored, as options: what `restore` and `batch` have in common.
struct SettingsArguments: ParsableArguments {
    @OptionGroup(title: "Problem")
    var problemOptions: ProblemOptions

    @OptionGroup(title: "Problem")
    var compressive: CompressiveSizeOption

    @OptionGroup(title: "Noise")
    var noiseOptions: MeasuredNoiseOptions

    @OptionGroup(title: "Objective")
    var objective: ObjectiveOptions

    @OptionGroup(title: "Objective")
    var prior: PicturePriorOption

    @OptionGroup(title: "Solver")
    var solver: SolverArguments

    func validate() throws {
        _ = try approach()
        let isCompressive = problemOptions.problem == .compressive
        try require(
            compressive.size == nil || isCompressive, "--size is for --problem compressive; elsewhere the measurement has it")
        if isCompressive {
            try require(noiseOptions.noise != .auto, "--noise auto needs a measurement that is an image, not --problem compressive")
            try require(
                objective.regularization != .whiteness,
                "--regularization-weight whiteness needs a measurement that is an image, not --problem compressive")
        }
    }

    func approach() throws -> Approach { try solver.approach(objective.method) }

    /// The settings, with the files read that the problem needs.
    ///
    /// - Parameters:
    ///   - compressiveSize: the size of a compressive problem's images, where it is known; nil is what the options say.
    ///   - white: what is white in arrays.
    ///   - start: where solves begin.
    ///   - posterior: how the posterior is sampled; nil gives the mode alone.
    /// - Throws: `FileError` that names the point spread at fault.
    func settings(
        compressiveSize: Problem.ImageSize? = nil, white: Double?, start: Initialization?, precision: PrecisionChoice,
        posterior: PosteriorArguments? = nil, notes: Notes
    ) throws -> (settings: RestorationSettings, pointSpread: PointSpreadReport?) {
        let (problem, pointSpread) = try problemOptions.read(
            defaultBorder: .unknown, compressiveSize: compressiveSize ?? compressive.size ?? ShippedFiles.faceSize, notes: notes)
        var settings = RestorationSettings(problem: problem)
        settings.prior = prior.name
        settings.noise = noiseOptions.noise?.level
        settings.regularization = objective.choice
        settings.solver = try solver.options(approach())
        settings.precision = precision.values
        settings.gradientPrecision = precision.gradients
        settings.choosesGradientPrecision = precision == .auto
        settings.masks = problemOptions.masks.choice(isInpainting: problemOptions.problem == .inpaint)
        settings.white = white
        settings.start = start
        settings.seed = noiseOptions.seed
        settings.posterior = try posterior?.options(seed: noiseOptions.seed, views: settings.solver.selfEnsemble ? 2 : 1)
        return (settings, pointSpread)
    }
}

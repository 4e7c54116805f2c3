import CReglow
import InverseSolvers
import KernelDispatch
import KernelInterface
import Reglow

/// What a caller asks of a restoration, checked, as the library has it.
struct RestoreChoices {
    let settings: RestorationSettings
    let gradientPrecision: Precision?
    let threads: Int
    /// Bytes of the process; nil is what it may have.
    let memoryLimit: Int?
    let callbacks: Callbacks

    /// The caller's functions, all called on the thread that called.
    struct Callbacks {
        let onIterate: (@convention(c) (UnsafePointer<reglow_iterate>?, UnsafeMutableRawPointer?) -> Int32)?
        let onPoll: (@convention(c) (UnsafeMutableRawPointer?) -> Int32)?
        let onNote: (@convention(c) (Int, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void)?
        let context: UnsafeMutableRawPointer?
    }

    /// - Throws: a `Fault` that names the field at fault.
    init(_ options: reglow_restore_options, problem: ProblemObject, precision: Precision) throws(Fault) {
        var settings = RestorationSettings(problem: problem.problem)
        settings.noise = try Self.noise(options)
        settings.regularization = try Self.regularization(options)
        settings.solver = try Self.solver(options)
        settings.start = try choice(
            options.start.rawValue, "start", [nil, .normalizedAdjoint, .zero, Initialization?.some(.random(seed: options.start_seed))])
        if !problem.mayMeasureImages { try Self.requireNoImage(settings) }
        self.settings = settings

        let gradients: [Precision?] = [nil, .bf16, (try? InstructionSet.selected())?.gradientPrecision()]
        let gradientPrecision = try choice(options.gradients.rawValue, "gradients", gradients)
        self.gradientPrecision = precision == .fp32 && gradientPrecision == .bf16 ? .bf16 : nil
        threads = try threadCount(options.threads)
        try requireCount(options.memory_limit, "memory_limit", 0 ... 1 << 60)
        memoryLimit = options.memory_limit == 0 ? nil : options.memory_limit
        callbacks = Callbacks(
            onIterate: options.on_iterate, onPoll: options.on_poll, onNote: options.on_note, context: options.context)
    }

    private static func noise(_ options: reglow_restore_options) throws(Fault) -> RegularizationRule.NoiseLevel {
        if options.noise == REGLOW_NOISE_ESTIMATED { return .estimated }
        let hint = options.noise > 1 && options.noise <= 255 ? ": it is on the scale of pixels from 0 to 1, not to 255" : ""
        try require(
            (0 ... 1).contains(options.noise), "noise is \(options.noise), but must be from 0 to 1, or REGLOW_NOISE_ESTIMATED\(hint)")
        return .known(options.noise)
    }

    private static func regularization(_ options: reglow_restore_options) throws(Fault) -> RestorationSettings.RegularizationChoice {
        let weight = options.regularization_weight
        let rule = try choice(
            options.rule.rawValue, "rule",
            [RestorationSettings.RegularizationChoice.noiseVariance, .fixed(weight), .discrepancy, .whiteness])
        if case .fixed = rule { try requireNumber(weight, "regularization_weight", 0 ... 1e12) }
        return rule
    }

    private static func solver(_ options: reglow_restore_options) throws(Fault) -> SolverOptions {
        var solver = SolverOptions()
        solver.minimizer = try choice(
            options.minimizer.rawValue, "minimizer", [MinimizerChoice.auto, .lbfgs(), .adam(), .gradientDescent, .gaussNewton()])
        solver.formulation = try choice(
            options.formulation.rawValue, "formulation", [nil, .analysis, Formulation?.some(.synthesis)])
        try require(
            solver.formulation == nil || solver.minimizer != .auto,
            "formulation must be auto with the minimizer auto, which chooses it itself")
        try require(
            solver.minimizer != .gaussNewton() || solver.formulation != .synthesis,
            "formulation is synthesis, but the minimizer Gauss-Newton works on the image")
        try requireCount(options.max_evaluations, "max_evaluations", 1 ... 1 << 40)
        solver.maximumEvaluations = options.max_evaluations
        try require(options.max_seconds >= 0, "max_seconds is \(options.max_seconds), but must be 0 or more")
        solver.maximumSeconds = options.max_seconds == 0 ? .infinity : options.max_seconds
        try require(
            (0 ..< 1).contains(options.gradient_tolerance),
            "gradient_tolerance is \(options.gradient_tolerance), but must be at least 0 and below 1")
        solver.gradientTolerance = options.gradient_tolerance
        try require(
            options.progress_tolerance < 1, "progress_tolerance is \(options.progress_tolerance), but must be below 1, or negative")
        solver.progressTolerance = options.progress_tolerance < 0 ? nil : options.progress_tolerance
        try requireCount(options.ensemble, "ensemble", 1 ... SolverOptions.largestEnsemble)
        solver.ensemble = max(options.ensemble, options.self_ensemble != 0 ? 2 : 1)
        try require(
            options.full_map == 0 || solver.formulation != .synthesis, "full_map is a term in the image, not for the formulation synthesis")
        solver.includeLogDeterminant = options.full_map != 0
        try requireCount(options.max_batch, "max_batch", 1 ... 4096)
        solver.maximumBatch = options.max_batch
        return solver
    }

    /// What a rule cannot do with a measurement that has no pixels.
    private static func requireNoImage(_ settings: RestorationSettings) throws(Fault) {
        let reason = "the measurement of this problem is no image"
        switch settings.regularization {
        case .fixed: return
        case .whiteness: throw Fault.argument("rule is whiteness, but \(reason)")
        case .noiseVariance, .discrepancy:
            try require(settings.noise != .estimated, "noise cannot be estimated, because \(reason): give sigma as a number")
        }
    }
}

extension reglow_restore_options: VersionedStruct {
    static var name: String { "reglow_restore_options" }

    static var defaults: reglow_restore_options {
        let solver = SolverOptions()
        var options = reglow_restore_options()
        options.noise = REGLOW_NOISE_ESTIMATED
        options.max_evaluations = solver.maximumEvaluations
        options.gradient_tolerance = solver.gradientTolerance
        options.progress_tolerance = -1
        options.max_batch = solver.maximumBatch
        options.ensemble = solver.ensemble
        return options
    }
}

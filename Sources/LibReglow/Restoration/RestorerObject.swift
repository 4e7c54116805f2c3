import CReglow
import Imaging
import InverseSolvers
import KernelDispatch
import KernelInterface
import Reglow

/// A model, a problem and what was asked of both, with what is learnt of the prior on the way.
final class RestorerObject: HandleObject, @unchecked Sendable {
    static let kind = "restorer"

    private let model: ModelObject
    private let problem: ProblemObject
    private let choices: RestoreChoices
    private let session: RestorationSession
    private let busy = BusyFlag()

    /// - Throws: a `Fault` that names the option at fault, `MemoryShortage`.
    init(_ model: ModelObject, _ problem: ProblemObject, _ options: reglow_restore_options) throws {
        (self.model, self.problem) = (model, problem)
        choices = try RestoreChoices(options, problem: problem, precision: model.glow.precision)
        if choices.gradientPrecision != nil { try requireMemory(model.glow.weightBytes / 2) }
        let settings = choices.settings
        let restorer = Restorer(
            prior: model.glow, gradientPrecision: choices.gradientPrecision, options: settings.solver, threads: choices.threads)
        session = RestorationSession(
            restorer, problem: settings.problem, regularization: settings.rule(settings.noise ?? .estimated), start: settings.start)
    }

    /// - Parameter posterior: how the posterior of each is sampled; nil gives modes.
    /// - Throws: a `Fault` for an argument at fault; what ended the call where nothing was restored.
    func run(_ arrays: reglow_measurements, posterior: PosteriorOptions? = nil) throws -> ResultObject {
        if let posterior, choices.settings.solver.selfEnsemble {
            try require(posterior.chains.isMultiple(of: 2), "chains is \(posterior.chains), but must be even with a self-ensemble")
        }
        return try busy.exclusively(Self.kind) {
            let measured = try MeasurementArrays(arrays, of: problem, imageChannels: model.glow.imageChannels)
            let run = RestorerRun(session, problem, choices, measured, posterior: posterior)
            try run.restoreAll()
            return run.result()
        }
    }
}

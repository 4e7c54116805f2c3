import Measuring
import Reglow

/// A solve that is not stopped before its evaluations are used up, so that their cost can be measured.
struct Solve<Flow: NormalizingFlow> {
    let flow: Flow
    let problem: InverseProblem
    let options: SolverOptions
    let batch: Int
    let parallelism: Parallelism
    /// Evaluations at the start that are not counted: those before a minimizer has all of its memory, or is in the image.
    let skipped: Int

    init(
        _ flow: Flow, _ forwardOperator: any ForwardOperator, _ minimizer: MinimizerChoice, _ formulation: Formulation?,
        batch: Int, threads: Int, skipped: Int, counted: Int
    ) throws {
        self.flow = flow
        self.batch = batch
        self.skipped = skipped
        parallelism = Parallelism(threads: threads)
        let image = normalNumbers(forwardOperator.imageShape.count, seed: 1, deviation: 0.2)
        problem = InverseProblem(
            forwardOperator: forwardOperator, measurement: try forwardOperator.apply(image), regularizationWeight: 1e-4)
        var options = SolverOptions()
        options.formulation = formulation
        options.minimizer = minimizer
        options.maximumEvaluations = skipped + counted
        options.maximumBatch = batch
        options.gradientTolerance = 0
        options.progressTolerance = 0
        self.options = options
    }

    /// Seconds of one evaluation for the whole batch, with all that the solver does around it.
    ///
    /// - Throws: `WrongResult` where the solver stopped too early to tell.
    func secondsPerEvaluation() throws -> Double {
        let restored = try restore()
        let entries = restored.trace.entries.filter { $0.evaluation >= skipped }
        guard let first = entries.first, let last = entries.last, first.evaluation < last.evaluation else {
            throw WrongResult("the solve stopped after \(restored.evaluations) evaluations: \(restored.stop.rawValue)")
        }
        return (last.seconds - first.seconds) / Double(last.evaluation - first.evaluation)
    }

    /// Seconds from the call until the objective is first known.
    ///
    /// - Throws: `WrongResult` where the solver made no step.
    func secondsToTheFirstEvaluation() throws -> Double {
        guard let first = try restore().trace.entries.first else { throw WrongResult("the solver made no step") }
        return first.seconds
    }

    /// Computes the objective at the result again, in Double, and sees that it fell.
    ///
    /// - Throws: `WrongResult`.
    func check() throws {
        let restored = try restore()
        let imageShape = problem.forwardOperator.imageShape
        let point = try flow.makeLinearization(imageShape: imageShape, capacity: 1, parallelism: parallelism)
        var latent = [Float](repeating: 0, count: imageShape.count)
        var logDeterminants = [0.0]
        flow.forward(restored.image, count: 1, recording: point, into: &latent, logDeterminants: &logDeterminants)
        let residual = zip(try problem.forwardOperator.apply(restored.image), problem.measurement).reduce(0) {
            $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
        }
        let prior = latent.reduce(0) { $0 + Double($1) * Double($1) }
        let objective = residual / 2 + problem.regularizationWeight * prior / 2
        guard abs(objective - restored.objective) <= 1e-3 * objective else {
            throw WrongResult("the objective at the result is \(objective), the solver says \(restored.objective)")
        }
        guard let start = restored.trace.entries.first, restored.objective < start.objective else {
            throw WrongResult("the objective did not fall: it is \(restored.objective)")
        }
    }

    private func restore() throws -> Restoration {
        let problems = [InverseProblem](repeating: problem, count: batch)
        guard
            let first = try Solver(flow: flow, options: options, parallelism: parallelism).restore(problems).first
        else { throw WrongResult("the solver returned nothing") }
        return first
    }
}

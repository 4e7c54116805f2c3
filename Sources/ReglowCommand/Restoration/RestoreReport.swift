import Reglow
import TrainingReports

/// What `reglow restore` reports.
struct RestoreReport: Encodable {
    /// What became of the images that were restored or failed, in the order of the inputs.
    let results: [Result]
    /// Whether a signal ended the work.
    let interrupted: Bool
    /// Inputs that an interrupt left.
    let notRestored: [String]
    let plan: PlanReport
    /// The largest resident size of the process.
    let peakMemoryBytes: Int
    /// What the input folders hold and the call does not take.
    let skipped: [FolderContents.Skipped]
    let problem: ProblemOptions.Kind
    let method: Approach
    let solver: SolverArguments.Algorithm
    let prior: String
    /// sigma as the call gives it; nil where it is estimated from each measurement.
    let noise: Double?
    let regularizationRule: String
    /// lambda, where it is the same for all images.
    let regularizationWeight: Double?
    let seed: UInt64
    let selfEnsemble: Bool
    /// Views of each image that its result is a mean of.
    let ensemble: Int
    /// The point spread of a blur; nil for other problems.
    let pointSpread: PointSpreadReport?
    /// This is nil when none was asked for.
    let profile: Profile?

    init(
        _ run: RestoreRun, of plan: RestorePlan, problem: ProblemOptions.Kind, method: Approach,
        solver: SolverArguments.Algorithm, prior: String, noise: RegularizationRule.NoiseLevel, rule: RegularizationRule, seed: UInt64,
        ensemble: Int,
        pointSpread: PointSpreadReport?, profile: Profile?
    ) {
        results = run.outcomes.all
        interrupted = run.outcomes.interruption != nil
        notRestored = run.outcomes.left
        self.plan = run.plan
        peakMemoryBytes = AvailableMemory.resident().peak
        skipped = plan.contents.flatMap(\.skipped)
        self.problem = problem
        self.method = method
        self.solver = solver
        self.prior = prior
        self.noise = noise.deviation
        regularizationRule = rule.name
        regularizationWeight = rule.sharedRegularizationWeight
        self.seed = seed
        self.ensemble = ensemble
        selfEnsemble = ensemble > 1
        self.pointSpread = pointSpread
        self.profile = profile
    }

    /// One image. Keys without a value are left out.
    struct Result: Encodable {
        let input: String
        /// This is nil when the image failed: then nothing is written.
        let output: String?
        /// Why it failed.
        let error: String?
        /// The prior that it was restored with; nil for an image that was not solved.
        let model: String?
        /// This is nil for an image that was not solved.
        let solution: SolutionReport?

        enum CodingKeys: CodingKey {
            case input, output, error, model
        }

        /// - Parameter quality: nil when the truth is not known.
        init(input: String, output: String?, error: String? = nil, model: String? = nil, restored: RestoredImage, quality: Quality?) {
            self.input = input
            self.output = output
            self.error = error
            self.model = model
            var solution = SolutionReport(restored)
            solution.setQuality(quality)
            self.solution = solution
        }

        init(input: String, output: String?, error: String?, model: String, solution: SolutionReport) {
            self.input = input
            self.output = output
            self.error = error
            self.model = model
            self.solution = solution
        }

        init(_ job: RestorationJob, error: String) {
            input = job.input
            output = nil
            self.error = error
            model = nil
            solution = nil
        }

        func encode(to encoder: any Encoder) throws {
            try solution?.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(input, forKey: .input)
            try container.encodeIfPresent(output, forKey: .output)
            try container.encodeIfPresent(error, forKey: .error)
            try container.encodeIfPresent(model, forKey: .model)
        }

        /// This is nil for an image that was not solved.
        var text: String? { solution.map { "\(output ?? input): \($0.text)" } }
    }
}

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
    /// The point spread of a blur; nil for other problems.
    let pointSpread: PointSpreadReport?
    /// This is nil when none was asked for.
    let profile: Profile?

    init(
        _ run: RestoreRun, of plan: RestorePlan, problem: ProblemOptions.Kind, method: Approach,
        solver: SolverArguments.Algorithm, prior: String, noise: NoiseArgument, rule: RegularizationRule, seed: UInt64, selfEnsemble: Bool,
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
        self.selfEnsemble = selfEnsemble
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
        let solution: Solution?

        enum CodingKeys: CodingKey {
            case input, output, error, model
        }

        /// - Parameter quality: nil when the truth is not known.
        init(input: String, output: String?, error: String? = nil, model: String? = nil, restored: RestoredImage, quality: Quality?) {
            self.input = input
            self.output = output
            self.error = error
            self.model = model
            var solution = Solution(restored)
            solution.setQuality(quality)
            self.solution = solution
        }

        init(input: String, output: String?, error: String?, model: String, solution: Solution) {
            self.input = input
            self.output = output
            self.error = error
            self.model = model
            self.solution = solution
        }

        init(_ job: RestorePlan.Job, error: String) {
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

    /// How an image was restored.
    struct Solution: Encodable {
        /// Objective and terms are null for an image that was solved in windows.
        let objective: JSONNumber
        let dataFidelity: JSONNumber
        let prior: JSONNumber
        /// How many windows it was solved in; nil for an image that was solved whole.
        let windows: Int?
        /// lambda
        let regularizationWeight: Double
        /// sigma of this measurement, as it was estimated or given, where the rule asks for one.
        let noise: JSONNumber?
        /// Says how well sigma is known, where it was estimated.
        let noiseEstimate: NoiseEstimateEntry?
        /// What of the measurement is missing or not trusted.
        let missing: MissingCount
        /// The solves of the search for lambda.
        let regularizationPath: [RegularizationPathEntry]?
        let regularizationSettled: Bool?
        /// The evaluations of all solves, of both members of a self-ensemble.
        let evaluations: Int
        /// With precision auto, how many of the evaluations had their gradient in bf16, before the switch to fp32.
        let bf16Gradients: Int?
        let seconds: Double
        let stop: String
        let diagnosis: String?
        /// The objective of the second member of a self-ensemble; the other numbers of the objective and lambda are those of the first.
        let mirroredObjective: JSONNumber?
        private(set) var psnr: JSONNumber?
        private(set) var ssim: JSONNumber?

        /// - Parameter quality: nil when the truth is not known.
        mutating func setQuality(_ quality: Quality?) { (psnr, ssim) = (quality?.psnr, quality?.ssim) }

        init(_ restored: RestoredImage) {
            let (restoration, mirrored) = (restored.restoration, restored.mirrored)
            let ended = restored.diverged ?? restoration
            objective = JSONNumber(restoration.objective)
            dataFidelity = JSONNumber(restoration.dataFidelity)
            prior = JSONNumber(restoration.prior)
            windows = nil
            regularizationWeight = restored.regularizationWeight
            noise = restored.noiseDeviation.map { JSONNumber($0) }
            noiseEstimate = restored.noiseEstimate.map { NoiseEstimateEntry($0) }
            missing = restored.missing
            regularizationPath = restored.regularizationPath.isEmpty ? nil : restored.regularizationPath.map(RegularizationPathEntry.init)
            regularizationSettled = restored.regularizationPath.isEmpty ? nil : restored.isRegularizationSettled
            evaluations = restored.evaluations
            bf16Gradients = restoration.gradientPrecisionEvaluations.map { $0 + (mirrored?.gradientPrecisionEvaluations ?? 0) }
            seconds = restoration.seconds + (mirrored?.seconds ?? 0)
            stop = ended.stop.rawValue
            diagnosis = ended.diagnosis
            mirroredObjective = mirrored.map { JSONNumber($0.objective) }
        }

        /// The stop is the first that is not one of a solve that went well, if there is any.
        init(_ restored: WindowedImage) {
            let solves = restored.solves
            (objective, dataFidelity, prior) = (JSONNumber(nil), JSONNumber(nil), JSONNumber(nil))
            windows = solves.stops.count
            regularizationWeight = restored.regularizationWeight
            noise = restored.noiseDeviation.map { JSONNumber($0) }
            noiseEstimate = restored.noiseEstimate.map { NoiseEstimateEntry($0) }
            missing = restored.missing
            (regularizationPath, regularizationSettled, bf16Gradients, mirroredObjective) = (nil, nil, nil, nil)
            evaluations = solves.evaluations
            seconds = solves.seconds
            let stop = solves.stops.first { $0 == .diverged } ?? solves.stops.first { $0 == .budget } ?? solves.stops.first
            self.stop = stop?.rawValue ?? ""
            diagnosis = solves.diverged?.diagnosis
        }

        var text: String {
            let quality = psnr.map { "PSNR \(Quality.decibel($0.value)) dB, SSIM \(Quality.similarity(ssim?.value)); " } ?? ""
            let inBF16 = bf16Gradients.map { ", \($0) with a gradient in bf16," } ?? ""
            let time = seconds.fixed(1)
            let path = regularizationPath.map { steps in
                ", lambda \(regularizationWeight.general(3)) of " + steps.map { $0.regularizationWeight.general(3) }.joined(separator: ", ")
            }
            let windows = windows.map { " in \($0) windows" } ?? ""
            return "\(quality)\(evaluations) evaluations\(windows)\(inBF16) in \(time) s, stopped by \(stop)\(path ?? "")"
        }
    }
}

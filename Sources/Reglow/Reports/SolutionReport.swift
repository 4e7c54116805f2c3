import Imaging
import InverseSolvers
import TrainingReports

/// How an image was restored.
package struct SolutionReport: Encodable {
    /// Objective and terms are null for an image that was solved in windows.
    package let objective: JSONNumber
    package let dataFidelity: JSONNumber
    package let prior: JSONNumber
    /// How many windows it was solved in; nil for an image that was solved whole.
    package let windows: Int?
    /// lambda
    package let regularizationWeight: Double
    /// sigma of this measurement, as it was estimated or given, where the rule asks for one.
    package let noise: JSONNumber?
    /// Says how well sigma is known, where it was estimated.
    package let noiseEstimate: NoiseEstimateEntry?
    /// What of the measurement is missing or not trusted.
    package let missing: MissingCount
    /// The solves of the search for lambda.
    package let regularizationPath: [RegularizationPathEntry]?
    package let regularizationSettled: Bool?
    /// The evaluations of all solves, of both members of a self-ensemble.
    package let evaluations: Int
    /// With precision auto, how many of the evaluations had their gradient in bf16, before the switch to fp32.
    package let bf16Gradients: Int?
    package let seconds: Double
    package let stop: String
    package let diagnosis: String?
    /// The objective of the second member of a self-ensemble; the other numbers of the objective and lambda are those of the first.
    package let mirroredObjective: JSONNumber?
    /// What draws from the posterior were like, of which the image is the mean then; nil for a mode.
    package private(set) var posterior: PosteriorReport?
    /// Whether the image can be trusted, with what speaks against it.
    package private(set) var trust: Trust
    package private(set) var psnr: JSONNumber?
    package private(set) var ssim: JSONNumber?

    /// - Parameter quality: nil when the truth is not known.
    package mutating func setQuality(_ quality: Quality?) { (psnr, ssim) = (quality?.psnr, quality?.ssim) }

    /// Makes it one of the mean of draws from a posterior, near whose mode they began.
    ///
    /// - Parameters:
    ///   - mode: the quality of the mode; nil where the truth is not known.
    ///   - truth: the true image; nil where it is not known.
    package mutating func setPosterior(
        _ estimate: PosteriorEstimate, mode: Quality?, truth: Image?, uncertaintyOutput: String? = nil, samplesOutput: [String]? = nil
    ) {
        posterior = PosteriorReport(
            estimate, mode: mode, coverage: truth.flatMap { estimate.coverage(of: $0) }, uncertaintyOutput: uncertaintyOutput,
            samplesOutput: samplesOutput)
        trust = estimate.trust
    }

    package init(_ restored: RestoredImage) {
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
        trust = restored.trust
    }

    /// The stop is the first that is not one of a solve that went well, if there is any.
    package init(_ restored: WindowedImage) {
        let solves = restored.solves
        (objective, dataFidelity, prior) = (JSONNumber(nil), JSONNumber(nil), JSONNumber(nil))
        windows = solves.stops.count
        regularizationWeight = restored.regularizationWeight
        noise = restored.noiseDeviation.map { JSONNumber($0) }
        noiseEstimate = restored.noiseEstimate.map { NoiseEstimateEntry($0) }
        missing = restored.missing
        (regularizationPath, regularizationSettled, bf16Gradients, mirroredObjective) = (nil, nil, nil, nil)
        trust = restored.trust
        evaluations = solves.evaluations
        seconds = solves.seconds
        let stop = solves.stops.first { $0 == .diverged } ?? solves.stops.first { $0 == .budget } ?? solves.stops.first
        self.stop = stop?.rawValue ?? ""
        diagnosis = solves.diverged?.diagnosis
    }

    package var text: String {
        let quality = psnr.map { "PSNR \(Quality.decibel($0.value)) dB, SSIM \(Quality.similarity(ssim?.value)); " } ?? ""
        let inBF16 = bf16Gradients.map { ", \($0) with a gradient in bf16," } ?? ""
        let time = seconds.fixed(1)
        let path = regularizationPath.map { steps in
            ", lambda \(regularizationWeight.general(3)) of " + steps.map { $0.regularizationWeight.general(3) }.joined(separator: ", ")
        }
        let windows = windows.map { " in \($0) windows" } ?? ""
        return
            "\(quality)\(evaluations) evaluation\(evaluations == 1 ? "" : "s")\(windows)\(inBF16) in \(time) s, stopped by \(stop)\(path ?? ""); trust \(trust.verdict.rawValue)"
            + (posterior.map { "; \($0.text)" } ?? "")
    }
}

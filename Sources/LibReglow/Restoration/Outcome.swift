import CReglow
import Imaging
import InverseSolvers
import KernelInterface
import Reglow

/// What became of one measurement.
struct Outcome: Sendable {
    private(set) var facts: reglow_result_facts
    private(set) var image: AlignedBuffer<Float>?
    private(set) var message: CText?
    private(set) var verdict = REGLOW_NO_VERDICT
    /// What speaks against the image.
    private(set) var reasons: CText?
    private(set) var iterates: [reglow_iterate] = []
    private(set) var path: [reglow_path_step] = []
    /// This is nil where no posterior was asked for.
    private(set) var posterior: PosteriorImages?

    /// One that did not begin, because the call was cancelled.
    init() {
        facts = .defaults
        facts.status = REGLOW_CANCELLED
        message = CText("cancelled before there was an image")
    }

    init(failed fault: Fault) {
        facts = .defaults
        facts.status = fault.status
        message = CText(fault.text)
    }

    init(_ restored: RestoredImage, image: Image, isCancelled: Bool) {
        let (restoration, mirrored) = (restored.restoration, restored.mirrored)
        self.init(image, restored.noiseEstimate, restored.noiseDeviation, restored.missing)
        setTrust(restored.trust)
        facts.objective = restoration.objective
        facts.data_fidelity = restoration.dataFidelity
        facts.prior = restoration.prior
        facts.mirrored_objective = mirrored?.objective ?? unknown
        facts.regularization_weight = restored.regularizationWeight
        facts.is_regularization_settled = restored.isRegularizationSettled ? 1 : 0
        facts.evaluations = restored.evaluations
        facts.bf16_evaluations = (restoration.gradientPrecisionEvaluations ?? 0) + (mirrored?.gradientPrecisionEvaluations ?? 0)
        facts.passes = restored.passes
        facts.seconds = restoration.seconds + (mirrored?.seconds ?? 0)
        path = restored.regularizationPath.map { reglow_path_step($0) }
        facts.path_count = path.count
        let wasCut = isCancelled && [restoration.stop, mirrored?.stop ?? restoration.stop].contains(.time)
        end(restored.diverged, stop: wasCut ? REGLOW_STOP_CANCELLED : reglow_stop((mirrored ?? restoration).stop))
    }

    init(_ restored: WindowedImage, image: Image) {
        self.init(image, restored.noiseEstimate, restored.noiseDeviation, restored.missing)
        setTrust(restored.trust)
        facts.regularization_weight = restored.regularizationWeight
        facts.is_regularization_settled = 1
        facts.evaluations = restored.solves.evaluations
        facts.seconds = restored.solves.seconds
        facts.windows = restored.solves.stops.count
        let stops = restored.solves.stops
        let stop = stops.first { $0 == .diverged } ?? stops.first { $0 == .budget || $0 == .time } ?? stops.first
        end(restored.solves.diverged, stop: stop.map { reglow_stop($0) } ?? REGLOW_STOP_NONE)
    }

    private init(_ image: Image, _ estimate: NoiseEstimate?, _ deviation: Double?, _ missing: MissingCount) {
        facts = .defaults
        facts.status = REGLOW_OK
        facts.shape = reglow_shape(image.shape)
        let buffer = AlignedBuffer<Float>(count: image.pixels.count)
        buffer.fill(image.pixels)
        self.image = buffer
        facts.noise = deviation ?? unknown
        facts.estimated_noise = estimate?.deviation ?? unknown
        facts.estimate_error = estimate?.relativeError ?? unknown
        facts.certainty = estimate.map { reglow_certainty($0.verdict) } ?? REGLOW_NOT_ESTIMATED
        facts.missing_pixels = missing.count
        facts.missing_values = missing.values
    }

    private mutating func setTrust(_ trust: Trust) {
        verdict =
            switch trust.verdict {
            case .ok: REGLOW_TRUST_OK
            case .doubtful: REGLOW_TRUST_DOUBTFUL
            case .unusable: REGLOW_TRUST_UNUSABLE
            }
        reasons = trust.reasons.isEmpty ? nil : CText(trust.reasons.joined(separator: "; "))
    }

    private mutating func end(_ diverged: Restoration?, stop: reglow_stop) {
        facts.stop = stop
        if let diverged {
            (facts.status, facts.stop) = (REGLOW_DIVERGED, REGLOW_STOP_DIVERGED)
            message = CText("diverged: \(diverged.diagnosis ?? "the objective is not finite")")
        } else if stop == REGLOW_STOP_CANCELLED {
            facts.status = REGLOW_CANCELLED
            message = CText("cancelled; the image is the best point so far")
        }
    }

    /// Says that the image is the mode, because the call was cancelled before there was a mean.
    mutating func cancel() { end(nil, stop: REGLOW_STOP_CANCELLED) }

    /// Adds what the posterior says, of which the image is the mean.
    mutating func setPosterior(_ posterior: PosteriorImages, _ trust: Trust) {
        self.posterior = posterior
        setTrust(trust)
    }

    /// - Parameter firstCount: how many of the iterates are of the first solve of a self-ensemble.
    mutating func setIterates(_ trace: Trace, firstCount: Int, image: Int) {
        iterates = trace.entries.enumerated().map { reglow_iterate($1, image: image, isMirrored: $0 >= firstCount) }
        facts.iterate_count = iterates.count
    }
}

extension reglow_stop {
    package init(_ stop: StopReason) {
        self =
            switch stop {
            case .gradient: REGLOW_STOP_GRADIENT
            case .progress: REGLOW_STOP_PROGRESS
            case .budget: REGLOW_STOP_BUDGET
            case .time: REGLOW_STOP_TIME
            case .noFurtherProgress: REGLOW_STOP_NO_FURTHER_PROGRESS
            case .diverged: REGLOW_STOP_DIVERGED
            case .closedForm: REGLOW_STOP_CLOSED_FORM
            case .schedule: REGLOW_STOP_SCHEDULE
            }
    }
}

extension reglow_certainty {
    package init(_ verdict: NoiseEstimate.Verdict) {
        self =
            switch verdict {
            case .measured: REGLOW_NOISE_MEASURED
            case .lowerBound: REGLOW_NOISE_LOWER_BOUND
            case .rounding: REGLOW_NOISE_ROUNDING
            case .tooFewPixels: REGLOW_NOISE_TOO_FEW_PIXELS
            }
    }
}

extension reglow_iterate {
    init(_ entry: Trace.Entry, image: Int, isMirrored: Bool) {
        self = .defaults
        (self.image, evaluations, passes) = (image, entry.evaluation, entry.passes)
        (objective, data_fidelity, prior) = (entry.objective, entry.dataFidelity, entry.prior)
        (gradient_norm, step, seconds) = (entry.gradientNorm, entry.step, entry.seconds)
        unknown = entry.unknown == .analysis ? REGLOW_ANALYSIS : REGLOW_SYNTHESIS
        gradient_precision = reglow_precision(entry.gradientPrecision)
        is_mirrored = isMirrored ? 1 : 0
    }
}

extension reglow_path_step {
    init(_ step: RegularizationStep) {
        self = .defaults
        regularization_weight = step.regularizationWeight
        (data_fidelity, prior, measure) = (step.dataFidelity, step.prior, step.measure)
        evaluations = step.evaluations
    }
}

extension reglow_iterate: VersionedStruct {
    static var name: String { "reglow_iterate" }

    static var defaults: reglow_iterate {
        var iterate = reglow_iterate()
        (iterate.size, iterate.windows) = (MemoryLayout<reglow_iterate>.size, 1)
        return iterate
    }
}

extension reglow_path_step: VersionedStruct {
    static var defaults: reglow_path_step { reglow_path_step() }
    static var name: String { "reglow_path_step" }
}

extension reglow_result_facts: VersionedStruct {
    static var name: String { "reglow_result_facts" }

    static var defaults: reglow_result_facts {
        var facts = reglow_result_facts()
        (facts.objective, facts.data_fidelity, facts.prior, facts.mirrored_objective) = (unknown, unknown, unknown, unknown)
        (facts.regularization_weight, facts.noise, facts.estimated_noise, facts.estimate_error) = (unknown, unknown, unknown, unknown)
        return facts
    }
}

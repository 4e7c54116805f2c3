import KernelInterface

extension Evaluation {
    var state: SolveState {
        var state = SolveState()
        state.set("terms", dataFidelity, prior, gradientNorm)
        state.set("kind", imageIsFinite.asNumber, (gradientPrecision == .bf16).asNumber)
        return state
    }

    init(resuming state: SolveState) throws(SolveStateError) {
        let (terms, kind) = (try state.numbers("terms", count: 3), try state.numbers("kind", count: 2))
        self.init()
        (dataFidelity, prior, gradientNorm) = (terms[0], terms[1], terms[2])
        (imageIsFinite, gradientPrecision) = (kind[0] == 1, kind[1] == 1 ? .bf16 : .fp32)
    }
}

extension Trace {
    /// Numbers of an entry.
    private static let fields = 10

    var state: SolveState {
        var state = SolveState()
        state.numbers["entries"] = entries.flatMap { entry -> [Double] in
            [
                Double(entry.evaluation), Double(entry.passes), entry.objective, entry.dataFidelity, entry.prior, entry.gradientNorm,
                entry.step, entry.seconds, (entry.unknown == .synthesis).asNumber, (entry.gradientPrecision == .bf16).asNumber,
            ]
        }
        return state
    }

    init(resuming state: SolveState) throws(SolveStateError) {
        let numbers = try state.numbers("entries")
        guard numbers.count % Self.fields == 0 else { throw SolveStateError(name: "entries") }
        self.init()
        for first in stride(from: 0, to: numbers.count, by: Self.fields) {
            let n = Array(numbers[first ..< first + Self.fields])
            guard let evaluation = Int(exactly: n[0]), let passes = Int(exactly: n[1]) else { throw SolveStateError(name: "entries") }
            entries.append(
                Entry(
                    evaluation: evaluation, passes: passes, objective: n[2], dataFidelity: n[3], prior: n[4], gradientNorm: n[5],
                    step: n[6], seconds: n[7], unknown: n[8] == 1 ? .synthesis : .analysis, gradientPrecision: n[9] == 1 ? .bf16 : .fp32))
        }
    }
}

extension Restoration {
    /// The result of one solve among several of an image, for those that follow.
    package var state: SolveState {
        var state = SolveState()
        state.vectors["image"] = image
        state.vectors["latent"] = latent
        state.set("weight", regularizationWeight, isRegularizationSettled.asNumber)
        state.numbers["path"] = regularizationPath.flatMap(\.numbers)
        state.set("terms", objective, dataFidelity, prior)
        state.numbers["counts"] =
            [Double(evaluations), Double(passes)] + (gradientPrecisionEvaluations.map { [Double($0)] } ?? [])
        state.set("seconds", seconds)
        state.set("stop", Double(StopReason.allCases.firstIndex(of: stop) ?? 0))
        state.numbers["diagnosis"] = diagnosis.map { $0.utf8.map { Double($0) } }
        state.add(trace.state, as: "trace")
        state.numbers["roundTripError"] = roundTripError.map { [$0] }
        state.numbers["uprightness"] = uprightness.map { [$0] }
        return state
    }

    /// - Throws: `SolveStateError`.
    package init(resuming state: SolveState) throws(SolveStateError) {
        guard let image = state.vectors["image"], let latent = state.vectors["latent"] else { throw SolveStateError(name: "image") }
        let (weight, terms) = (try state.numbers("weight", count: 2), try state.numbers("terms", count: 3))
        let (counts, path) = (try state.numbers("counts"), try state.numbers("path"))
        let stop = try state.count("stop")
        guard (2 ... 3).contains(counts.count), path.count % RegularizationStep.fields == 0, StopReason.allCases.indices.contains(stop)
        else {
            throw SolveStateError(name: "counts")
        }
        let diagnosis = state.numbers["diagnosis"].map { String(decoding: $0.compactMap { UInt8(exactly: $0) }, as: UTF8.self) }
        self.init(
            image: image, latent: latent, regularizationWeight: weight[0], regularizationPath: RegularizationStep.path(path),
            isRegularizationSettled: weight[1] == 1, objective: terms[0], dataFidelity: terms[1], prior: terms[2],
            evaluations: Int(counts[0]), gradientPrecisionEvaluations: counts.count == 3 ? Int(counts[2]) : nil, passes: Int(counts[1]),
            seconds: try state.number("seconds"), stop: StopReason.allCases[stop], diagnosis: diagnosis,
            trace: try Trace(resuming: state.part("trace") ?? SolveState()), roundTripError: state.numbers["roundTripError"]?.first,
            uprightness: state.numbers["uprightness"]?.first)
    }
}

extension RegularizationStep {
    /// Numbers of a step.
    static let fields = 5

    var numbers: [Double] { [regularizationWeight, dataFidelity, prior, measure, Double(evaluations)] }

    /// The steps of which these are the numbers, in a row.
    static func path(_ numbers: [Double]) -> [RegularizationStep] {
        var path: [RegularizationStep] = []
        var rest = numbers[...]
        while rest.count >= fields {
            let n = Array(rest.prefix(fields))
            path.append(
                RegularizationStep(
                    regularizationWeight: n[0], dataFidelity: n[1], prior: n[2], measure: n[3], evaluations: Int(exactly: n[4]) ?? 0))
            rest = rest.dropFirst(fields)
        }
        return path
    }
}

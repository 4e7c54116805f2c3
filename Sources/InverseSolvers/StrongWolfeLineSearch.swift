/// A search along a descent direction for a step with the strong Wolfe conditions, by reverse communication as `Minimizer`
/// is.
///
///     phi(step) = E(x + step * d)
///     phi(step) <= phi(0) + c1 step phi'(0)        |phi'(step)| <= c2 |phi'(0)|
///
/// Two stages, after algorithms 3.5 and 3.6 of Nocedal and Wright, "Numerical Optimization" (2006): the step grows
/// until an interval holds a good one, then the interval shrinks by safeguarded cubic interpolation. `low` is always
/// the best step with the first condition so far.
///
/// Where values differ by less than single precision resolves, the first condition is judged by slopes, as Hager and
/// Zhang (2005) propose: phi'(step) <= (2 c1 - 1) phi'(0), the same condition for a parabola. Even then phi(step) <=
/// phi(0), so the objective never rises.
///
/// A value that is not finite is a step too long.
package struct StrongWolfeLineSearch {
    package static let sufficientDecrease = 1e-4
    package static let curvature = 0.9
    /// Relative differences of values below this are rounding errors of a flow in single precision.
    package static let resolution = 1e-6
    private static let maximumGrowths = 12
    private static let maximumProbes = 25
    /// A new step keeps this part of the interval away from its ends.
    private static let leastPart = 0.1
    private static let unboundedGrowth = 1e10

    package enum Outcome: Equatable {
        /// The step does not end the search; `step` is the next one.
        case probed
        /// The step has the strong Wolfe conditions, or the approximate ones at the resolution of the values.
        case accepted
        /// The step has the first condition, and the search found none with both.
        case settled
        /// No step lowers the function.
        case failed
        /// The function still falls, and no less steeply, at 10^10 times the first step: it seems to have no lower
        /// bound.
        case unbounded
    }

    private struct Sample {
        var step: Double
        var value: Double
        var slope: Double
    }

    private enum Stage: Double {
        case growing, shrinking, settling
    }

    /// The step to evaluate next, or the one that ended the search.
    package private(set) var step: Double
    package private(set) var probes = 0
    package private(set) var sawFiniteProbe = false

    private let origin: Sample
    private let firstStep: Double
    private let leastStep: Double
    private var stage = Stage.growing
    private var low: Sample
    private var high: Sample

    /// A search from phi(0) = `value` with phi'(0) = `slope` < 0. Steps closer than `leastStep` are not told apart.
    package init(value: Double, slope: Double, firstStep: Double, leastStep: Double) {
        origin = Sample(step: 0, value: value, slope: slope)
        low = origin
        high = origin
        step = firstStep
        self.firstStep = firstStep
        self.leastStep = leastStep
    }

    /// What the search knows so far.
    package var state: SolveState {
        var state = SolveState()
        state.set("steps", step, firstStep, leastStep)
        state.set("probes", Double(probes), sawFiniteProbe.asNumber, stage.rawValue)
        for (name, sample) in [("origin", origin), ("low", low), ("high", high)] {
            state.set(name, sample.step, sample.value, sample.slope)
        }
        return state
    }

    /// The search that was saved.
    ///
    /// - Throws: `SolveStateError`.
    package init(resuming state: SolveState) throws(SolveStateError) {
        func sample(_ name: String) throws(SolveStateError) -> Sample {
            let numbers = try state.numbers(name, count: 3)
            return Sample(step: numbers[0], value: numbers[1], slope: numbers[2])
        }
        let (steps, counts) = (try state.numbers("steps", count: 3), try state.numbers("probes", count: 3))
        (step, firstStep, leastStep) = (steps[0], steps[1], steps[2])
        (origin, low, high) = (try sample("origin"), try sample("low"), try sample("high"))
        guard let count = Int(exactly: counts[0]), let stage = Stage(rawValue: counts[2]) else { throw SolveStateError(name: "probes") }
        (probes, sawFiniteProbe, self.stage) = (count, counts[1] == 1, stage)
    }

    /// Takes phi and phi' at `step`.
    package mutating func advance(value: Double, slope: Double) -> Outcome {
        if stage == .settling { return .settled }
        probes += 1
        let isFinite = value.isFinite && slope.isFinite
        let sample = Sample(step: step, value: isFinite ? value : .infinity, slope: slope)
        sawFiniteProbe = sawFiniteProbe || isFinite
        if isAcceptable(sample) { return .accepted }
        return stage == .growing ? grow(sample) : shrink(sample)
    }

    private func isAcceptable(_ sample: Sample) -> Bool {
        guard abs(sample.slope) <= -Self.curvature * origin.slope else { return false }
        if hasSufficientDecrease(sample) { return true }
        let isUnresolved = origin.value - sample.value <= Self.resolution * abs(origin.value)
        return isUnresolved && sample.value <= origin.value
            && sample.slope <= (2 * Self.sufficientDecrease - 1) * origin.slope
    }

    private func hasSufficientDecrease(_ sample: Sample) -> Bool {
        sample.value <= origin.value + Self.sufficientDecrease * sample.step * origin.slope
    }

    private mutating func grow(_ sample: Sample) -> Outcome {
        if !hasSufficientDecrease(sample) || sample.value >= low.value {
            high = sample
            return divide()
        }
        if sample.slope >= 0 {
            (low, high) = (sample, low)
            return divide()
        }
        guard probes < Self.maximumGrowths else {
            return sample.step >= Self.unboundedGrowth * firstStep ? .unbounded : .settled
        }
        let guess = cubicMinimum(low, sample) ?? .infinity
        low = sample
        step = min(max(guess, 2 * sample.step), 10 * sample.step)
        return .probed
    }

    private mutating func shrink(_ sample: Sample) -> Outcome {
        if !hasSufficientDecrease(sample) || sample.value >= low.value {
            high = sample
        } else {
            if sample.slope * (high.step - low.step) >= 0 { high = low }
            low = sample
        }
        return divide()
    }

    /// The next step, inside the interval; or the end, when the interval or the probes are used up.
    private mutating func divide() -> Outcome {
        stage = .shrinking
        let width = high.step - low.step
        guard Self.leastPart * abs(width) > leastStep, probes < Self.maximumProbes else {
            guard low.step > 0 else { return .failed }
            stage = .settling
            step = low.step
            return .probed
        }
        guard high.value.isFinite else {
            step = low.step + Self.leastPart * width
            return .probed
        }
        let guess = cubicMinimum(low, high) ?? (low.step + 0.5 * width)
        let part = (guess - low.step) / width
        step = low.step + min(max(part, Self.leastPart), 1 - Self.leastPart) * width
        return .probed
    }

    /// The minimum of the cubic polynomial through the values and slopes of two samples; nil where it has none.
    private func cubicMinimum(_ a: Sample, _ b: Sample) -> Double? {
        let width = b.step - a.step
        let mean = a.slope + b.slope - 3 * (b.value - a.value) / width
        let discriminant = mean * mean - a.slope * b.slope
        guard discriminant >= 0 else { return nil }
        let root = width < 0 ? -discriminant.squareRoot() : discriminant.squareRoot()
        let minimum = b.step - width * (b.slope + root - mean) / (b.slope - a.slope + 2 * root)
        return minimum.isFinite ? minimum : nil
    }
}

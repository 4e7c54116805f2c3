/// Gradient descent with Armijo backtracking.
///
///     x+ = x - step * gradient,   E(x+) <= E(x) - c step |gradient|^2
///
/// The first trial of an iteration is the short step of Barzilai and Borwein (1988), s'y / y'y for the last change s
/// of x and y of the gradient, or twice the last step where s'y <= 0. Their long step, s's / s'y, needs an objective
/// that may rise (docs/measurements.md). A step that fails is cut to the minimum of the parabola through what is known, within a tenth and a half of it; a
/// point that is not finite is a step too long. The objective never rises.
package final class GradientDescent: Minimizer {
    private static let sufficientDecrease = 1e-4
    private static let maximumProbes = 30

    package let trial: Vector
    private let x: Vector
    private let gradient: Vector
    /// s and y of the last accepted step.
    private let change: Vector
    private let gradientChange: Vector

    private var value = Double.nan
    private var squaredNorm = 0.0
    private var step = 0.0
    private var leastStep = 0.0
    private var probes = 0
    private var sawFiniteProbe = false
    private var isStarted = false

    package init(start: [Float], loops: VectorLoops = VectorLoops()) {
        trial = Vector(start, loops: loops)
        x = Vector(count: start.count, loops: loops)
        gradient = Vector(count: start.count, loops: loops)
        change = Vector(count: start.count, loops: loops)
        gradientChange = Vector(count: start.count, loops: loops)
    }

    package func advance(value trialValue: Double, gradient trialGradient: Vector) -> MinimizerStep {
        guard isStarted else {
            isStarted = true
            accept(trialValue, trialGradient)
            startSearch(step: StepLength.first(value: value, gradient: gradient))
            return .accepted(step: 0)
        }
        if trialValue <= value - Self.sufficientDecrease * step * squaredNorm {
            let accepted = step
            change.set(trial, minus: x)
            gradientChange.set(trialGradient, minus: gradient)
            accept(trialValue, trialGradient)
            let curvature = change.dot(gradientChange)
            startSearch(step: curvature > 0 ? curvature / gradientChange.dot(gradientChange) : 2 * accepted)
            return .accepted(step: accepted)
        }
        return shorten(trialValue)
    }

    package func restart() {
        trial.set(x)
        isStarted = false
    }

    package var state: SolveState {
        var state = SolveState()
        for (name, vector) in vectors { state.set(name, vector) }
        state.set("value", value, squaredNorm)
        state.set("steps", step, leastStep)
        state.set("probes", Double(probes))
        state.set("flags", sawFiniteProbe.asNumber, isStarted.asNumber)
        return state
    }

    package func resume(_ state: SolveState) throws(SolveStateError) {
        for (name, vector) in vectors { try state.copy(name, into: vector) }
        let (values, steps) = (try state.numbers("value", count: 2), try state.numbers("steps", count: 2))
        (value, squaredNorm) = (values[0], values[1])
        (step, leastStep) = (steps[0], steps[1])
        probes = try state.count("probes")
        let flags = try state.numbers("flags", count: 2)
        (sawFiniteProbe, isStarted) = (flags[0] == 1, flags[1] == 1)
    }

    private var vectors: [(String, Vector)] {
        [("trial", trial), ("x", x), ("gradient", gradient), ("change", change), ("gradientChange", gradientChange)]
    }

    private func accept(_ newValue: Double, _ newGradient: Vector) {
        x.set(trial)
        gradient.set(newGradient)
        value = newValue
        squaredNorm = gradient.dot(gradient)
    }

    private func startSearch(step first: Double) {
        probes = 0
        sawFiniteProbe = false
        leastStep = StepLength.least(from: x, along: gradient)
        probe(first)
    }

    private func probe(_ newStep: Double) {
        step = newStep
        trial.set(x, plus: -step, times: gradient)
    }

    private func shorten(_ trialValue: Double) -> MinimizerStep {
        probes += 1
        var factor = 0.1
        if trialValue.isFinite {
            sawFiniteProbe = true
            let parabola = step * squaredNorm / (2 * (trialValue - value + step * squaredNorm))
            factor = min(max(parabola, 0.1), 0.5)
        }
        guard probes < Self.maximumProbes, factor * step > leastStep else {
            return .stopped(LineSearchFailure.stop(probes: probes, sawFiniteProbe: sawFiniteProbe))
        }
        probe(factor * step)
        return .probed
    }
}

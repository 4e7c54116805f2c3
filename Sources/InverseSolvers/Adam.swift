import Glibc

/// Adam of Kingma and Ba (2015), with bias correction and a learning rate that falls along a half cosine over the
/// budget.
///
///     m+ = b1 m + (1 - b1) gradient            v+ = b2 v + (1 - b2) gradient^2
///     x+ = x - rate (m+ / (1 - b1^t)) / (sqrt(v+ / (1 - b2^t)) + epsilon)
///
/// Every finite point is accepted, so the objective may rise. A point that is not finite is a step too long: the step
/// and the learning rate are cut to a quarter.
package final class Adam: Minimizer {
    private static let beta1 = 0.9
    private static let beta2 = 0.999
    private static let epsilon = 1e-8
    /// The learning rate at the end of the budget, as a part of the first.
    private static let lastRate = 0.01
    private static let maximumRetreats = 20

    package let trial: Vector
    private let x: Vector
    private let change: Vector
    private let first: Vector
    private let second: Vector
    private let learningRate: Double
    private let maximumEvaluations: Int

    private var iteration = 0
    /// What retreats made of the learning rate.
    private var damping = 1.0
    private var rate = 0.0
    private var retreats = 0

    package init(start: [Float], learningRate: Double, maximumEvaluations: Int, loops: VectorLoops = VectorLoops()) {
        trial = Vector(start, loops: loops)
        x = Vector(count: start.count, loops: loops)
        change = Vector(count: start.count, loops: loops)
        first = Vector(count: start.count, loops: loops)
        second = Vector(count: start.count, loops: loops)
        self.learningRate = learningRate
        self.maximumEvaluations = maximumEvaluations
    }

    package func advance(value: Double, gradient: Vector) -> MinimizerStep {
        guard value.isFinite else { return retreat() }
        let reached = rate
        x.set(trial)
        iteration += 1
        retreats = 0
        let progress = min(1, Double(iteration) / Double(maximumEvaluations))
        let decay = Self.lastRate + (1 - Self.lastRate) * (1 + cos(.pi * progress)) / 2
        rate = damping * decay * learningRate
        updateMoments(gradient)
        trial.set(x, plus: -rate, times: change)
        return .accepted(step: reached)
    }

    package func restart() { trial.set(x) }

    package var state: SolveState {
        var state = SolveState()
        for (name, vector) in vectors { state.set(name, vector) }
        state.set("iteration", Double(iteration))
        state.set("rates", damping, rate)
        state.set("retreats", Double(retreats))
        return state
    }

    package func resume(_ state: SolveState) throws(SolveStateError) {
        for (name, vector) in vectors { try state.copy(name, into: vector) }
        iteration = try state.count("iteration")
        let rates = try state.numbers("rates", count: 2)
        (damping, rate) = (rates[0], rates[1])
        retreats = try state.count("retreats")
    }

    private var vectors: [(String, Vector)] { [("trial", trial), ("x", x), ("change", change), ("first", first), ("second", second)] }

    /// The moments m and v, and change = (corrected m) / (sqrt(corrected v) + epsilon).
    private func updateMoments(_ gradient: Vector) {
        let (b1, b2) = (Float(Self.beta1), Float(Self.beta2))
        let firstCorrection = Float(1 / (1 - pow(Self.beta1, Double(iteration))))
        let secondCorrection = Float(1 / (1 - pow(Self.beta2, Double(iteration))))
        let (m, v) = (first.mutableElements, second.mutableElements)
        let (g, step) = (gradient.elements, change.mutableElements)
        for index in 0 ..< x.count {
            m[index] = b1 * m[index] + (1 - b1) * g[index]
            v[index] = b2 * v[index] + (1 - b2) * (g[index] * g[index])
            step[index] =
                firstCorrection * m[index] / ((secondCorrection * v[index]).squareRoot() + Float(Self.epsilon))
        }
    }

    private func retreat() -> MinimizerStep {
        retreats += 1
        damping /= 4
        rate /= 4
        guard retreats < Self.maximumRetreats, rate > StepLength.least(from: x, along: change) else {
            return .stopped(
                Stop(.diverged, "the objective is not finite at \(retreats) ever shorter steps from the last iterate"))
        }
        trial.set(x, plus: -rate, times: change)
        return .probed
    }
}

/// Says when gradients of the gradient precision are of no more use to the solve of one image: where their errors are no longer small against what a
/// step gains.
///
/// Between two points x and x + s of the objective E, with gradient g,
///
///     E(x) - E(x + s) = -s'(g(x) + g(x + s)) / 2
///
/// holds for a quadratic function, and nearly for any over a short step. E is exact, so errors of g show as a difference
/// between the two sides. As the solve goes on, a step gains less and less, and the errors stay. Such gradients are
/// given up where, in most of the last `window` steps, the difference was more than `limit` times the gain.
///
/// It costs no evaluation, and depends on the iterates of this image alone.
package final class StallRule {
    static let window = 10
    static let limit = 0.2

    /// The last evaluation, and the last iterate.
    private let point, gradient, lastPoint, lastGradient: Vector
    private var objective = Double.nan
    private var lastObjective = Double.nan
    /// Whether the difference was too large, at each of the last steps; the oldest stands at `next`.
    private var disagrees = [Bool](repeating: false, count: window)
    private var next = 0

    /// Makes the rule for a solve with this many unknowns.
    package init(dimension: Int, loops: VectorLoops = VectorLoops()) {
        point = Vector(count: dimension, loops: loops)
        gradient = Vector(count: dimension, loops: loops)
        lastPoint = Vector(count: dimension, loops: loops)
        lastGradient = Vector(count: dimension, loops: loops)
    }

    package var state: SolveState {
        var state = SolveState()
        for (name, vector) in vectors { state.set(name, vector) }
        state.set("objectives", objective, lastObjective, Double(next))
        state.numbers["disagrees"] = disagrees.map(\.asNumber)
        return state
    }

    /// - Throws: `SolveStateError`.
    package func resume(_ state: SolveState) throws(SolveStateError) {
        for (name, vector) in vectors { try state.copy(name, into: vector) }
        let objectives = try state.numbers("objectives", count: 3)
        disagrees = try state.numbers("disagrees", count: Self.window).map { $0 == 1 }
        guard let next = Int(exactly: objectives[2]), disagrees.indices.contains(next) else { throw SolveStateError(name: "objectives") }
        (objective, lastObjective, self.next) = (objectives[0], objectives[1], next)
    }

    private var vectors: [(String, Vector)] {
        [("point", point), ("gradient", gradient), ("lastPoint", lastPoint), ("lastGradient", lastGradient)]
    }

    package var isStalled: Bool { 2 * disagrees.count(where: { $0 }) > Self.window }

    /// Takes an evaluation.
    package func evaluated(at x: Vector, objective newObjective: Double, gradient newGradient: Vector) {
        point.set(x)
        gradient.set(newGradient)
        objective = newObjective
    }

    /// The point of the last evaluation became the iterate.
    package func accepted() {
        if lastObjective.isFinite {
            // s and g(x) + g(x + s), in place of what they are made of.
            lastPoint.set(point, minus: lastPoint)
            lastGradient.set(gradient, plus: 1, times: lastGradient)
            let gain = lastObjective - objective
            let difference = abs(gain + lastPoint.dot(lastGradient) / 2)
            disagrees[next] = !(difference <= Self.limit * gain)
            next = (next + 1) % Self.window
        }
        lastPoint.set(point)
        lastGradient.set(gradient)
        lastObjective = objective
    }
}

/// The inverse Hessian of L-BFGS: the last pairs (s, y) of changes of the point and of the gradient, newest last.
///
/// Source: Nocedal and Wright, "Numerical Optimization" (2006), algorithm 7.4.
///
/// With a preconditioner H0, H0 y stands beside each pair. It is the difference of two H0 gradient, so that an iteration applies H0 only
/// once, to the gradient where it arrives: what else the two loops need of H0 are sums of these.
package final class InverseHessian {
    /// A pair is kept when s'y > this * |s| |y|: less is not curvature but rounding, or a function that is not convex
    /// there.
    private static let leastCurvature = 1e-7

    private struct Pair {
        let change: Vector
        let gradientChange: Vector
        /// H0 y; y itself where H0 is the identity.
        let preconditionedChange: Vector
        /// s'y
        var curvature = 0.0
        /// The factor of the first loop.
        var factor = 0.0
    }

    private var pairs: [Pair]
    /// The pair that is overwritten next; the newest stands before it.
    private var next = 0
    package private(set) var count = 0
    /// s'y / y'H0 y of the newest pair, nil before the first: H without pairs is this times H0.
    package private(set) var scale: Double?
    /// H0; nil is the identity.
    private let preconditioner: WienerPreconditioner?
    /// H0 of the gradient that was moved to last, and room for the next one.
    private var preconditioned, nextPreconditioned: Vector

    package init(dimension: Int, memory: Int, preconditioner: WienerPreconditioner? = nil, loops: VectorLoops = VectorLoops()) {
        self.preconditioner = preconditioner
        let count = preconditioner == nil ? 0 : dimension
        (preconditioned, nextPreconditioned) = (Vector(count: count, loops: loops), Vector(count: count, loops: loops))
        pairs = (0 ..< memory).map { _ in
            let gradientChange = Vector(count: dimension, loops: loops)
            return Pair(
                change: Vector(count: dimension, loops: loops), gradientChange: gradientChange,
                preconditionedChange: preconditioner == nil ? gradientChange : Vector(count: dimension, loops: loops))
        }
    }

    /// The pairs that count and the scale.
    package var state: SolveState {
        var state = SolveState()
        state.set("slots", Double(pairs.count), Double(next), Double(count))
        if let scale { state.set("scale", scale) }
        if preconditioner != nil { state.set("preconditioned", preconditioned) }
        for age in 0 ..< count {
            let pair = pairs[slot(age: age)]
            state.set("pair\(age).change", pair.change)
            state.set("pair\(age).gradientChange", pair.gradientChange)
            if preconditioner != nil { state.set("pair\(age).preconditionedChange", pair.preconditionedChange) }
            state.set("pair\(age).curvature", pair.curvature)
        }
        return state
    }

    /// - Throws: `SolveStateError`, for one with another memory too.
    package func resume(_ state: SolveState) throws(SolveStateError) {
        let slots = try state.numbers("slots", count: 3).map { Int(exactly: $0) ?? -1 }
        guard slots[0] == pairs.count, pairs.indices.contains(slots[1]), (0 ... pairs.count).contains(slots[2]) else {
            throw SolveStateError(name: "slots")
        }
        (next, count) = (slots[1], slots[2])
        scale = state.numbers["scale"]?.first
        if preconditioner != nil { try state.copy("preconditioned", into: preconditioned) }
        for age in 0 ..< count {
            let index = slot(age: age)
            try state.copy("pair\(age).change", into: pairs[index].change)
            try state.copy("pair\(age).gradientChange", into: pairs[index].gradientChange)
            if preconditioner != nil { try state.copy("pair\(age).preconditionedChange", into: pairs[index].preconditionedChange) }
            pairs[index].curvature = try state.number("pair\(age).curvature")
        }
    }

    /// Forgets the pairs, but not the scale.
    package func clear() { count = 0 }

    /// Takes the gradient of a point without a step from the last one: the first, or one that replaces it.
    package func move(to gradient: Vector) { preconditioner?.apply(to: gradient, into: preconditioned) }

    /// Moves to `gradient`, and stores s = x - previousX, y = gradient - previousGradient, unless their curvature is too small. The gradient that was
    /// moved to before is `previousGradient`.
    package func store(x: Vector, previousX: Vector, gradient: Vector, previousGradient: Vector) {
        let pair = pairs[next]
        pair.change.set(x, minus: previousX)
        pair.gradientChange.set(gradient, minus: previousGradient)
        let curvature = pair.change.dot(pair.gradientChange)
        let squaredGradientChange = pair.gradientChange.dot(pair.gradientChange)
        if let preconditioner {
            preconditioner.apply(to: gradient, into: nextPreconditioned)
            pair.preconditionedChange.set(nextPreconditioned, minus: preconditioned)
            swap(&preconditioned, &nextPreconditioned)
        }
        guard curvature > Self.leastCurvature * pair.change.norm * squaredGradientChange.squareRoot() else {
            // The vectors of the oldest pair were overwritten.
            if count == pairs.count { count -= 1 }
            return
        }
        pairs[next].curvature = curvature
        scale = curvature / (preconditioner == nil ? squaredGradientChange : pair.gradientChange.dot(pair.preconditionedChange))
        next = (next + 1) % pairs.count
        count = min(count + 1, pairs.count)
    }

    /// result = H gradient, by the two loops, for the gradient that was moved to; without a preconditioner, for any. `result` is not `gradient`.
    package func apply(to gradient: Vector, into result: Vector) {
        result.set(gradient)
        for age in 0 ..< count {
            let index = slot(age: age)
            pairs[index].factor = pairs[index].change.dot(result) / pairs[index].curvature
            if preconditioner == nil || age < count - 1 { result.add(-pairs[index].factor, times: pairs[index].gradientChange) }
        }
        if preconditioner != nil {
            result.set(preconditioned)
            for age in 0 ..< count { result.add(-pairs[slot(age: age)].factor, times: pairs[slot(age: age)].preconditionedChange) }
        }
        result.multiply(by: scale ?? 1)
        for age in (0 ..< count).reversed() {
            let pair = pairs[slot(age: age)]
            let correction = pair.gradientChange.dot(result) / pair.curvature
            result.add(pair.factor - correction, times: pair.change)
        }
    }

    /// Returns where the pair of this age stands; 0 is the newest.
    private func slot(age: Int) -> Int {
        (next + pairs.count - 1 - age) % pairs.count
    }
}

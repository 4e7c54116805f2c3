/// The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno, with a strong Wolfe line search.
///
///     x+ = x + step * d,   d = -H gradient
///
/// The objective never rises. When no step along d lowers it, the memory is cleared and the search repeated along the
/// steepest descent, scaled as before; when that fails too, the minimizer stops: in single precision it can go no
/// further.
///
/// With a preconditioner H0 the first direction is -H0 gradient and the first step 1: H0 has the scale of an inverse Hessian.
package final class LBFGS: Minimizer {
    package let trial: Vector
    private let x: Vector
    private let gradient: Vector
    private let direction: Vector
    private let inverseHessian: InverseHessian

    private let isPreconditioned: Bool
    private var value = Double.nan
    private var search: StrongWolfeLineSearch?

    package init(start: [Float], memory: Int, preconditioner: WienerPreconditioner? = nil, loops: VectorLoops = VectorLoops()) {
        isPreconditioned = preconditioner != nil
        trial = Vector(start, loops: loops)
        x = Vector(count: start.count, loops: loops)
        gradient = Vector(count: start.count, loops: loops)
        direction = Vector(count: start.count, loops: loops)
        inverseHessian = InverseHessian(dimension: start.count, memory: memory, preconditioner: preconditioner, loops: loops)
    }

    package func advance(value trialValue: Double, gradient trialGradient: Vector) -> MinimizerStep {
        guard var search else {
            inverseHessian.move(to: trialGradient)
            accept(trialValue, trialGradient)
            startSearch()
            return .accepted(step: 0)
        }
        let slope = trialValue.isFinite ? trialGradient.dot(direction) : .nan
        let outcome = search.advance(value: trialValue, slope: slope)
        self.search = search
        switch outcome {
        case .probed:
            trial.set(x, plus: search.step, times: direction)
            return .probed
        case .accepted, .settled:
            inverseHessian.store(x: trial, previousX: x, gradient: trialGradient, previousGradient: gradient)
            accept(trialValue, trialGradient)
            startSearch()
            return .accepted(step: search.step)
        case .failed where inverseHessian.count > 0:
            inverseHessian.clear()
            startSearch()
            return .probed
        case .failed:
            return .stopped(LineSearchFailure.stop(probes: search.probes, sawFiniteProbe: search.sawFiniteProbe))
        case .unbounded:
            return .stopped(
                Stop(
                    .diverged,
                    "the objective still falls at step \(search.step) along the search direction, to \(trialValue)"))
        }
    }

    package func restart() {
        trial.set(x)
        search = nil
    }

    package var state: SolveState {
        var state = SolveState()
        for (name, vector) in vectors { state.set(name, vector) }
        state.set("value", value)
        if let search { state.add(search.state, as: "search") }
        state.add(inverseHessian.state, as: "inverseHessian")
        return state
    }

    package func resume(_ state: SolveState) throws(SolveStateError) {
        for (name, vector) in vectors { try state.copy(name, into: vector) }
        value = try state.number("value")
        search = nil
        if let part = state.part("search") { search = try StrongWolfeLineSearch(resuming: part) }
        guard let part = state.part("inverseHessian") else { throw SolveStateError(name: "inverseHessian") }
        try inverseHessian.resume(part)
    }

    private var vectors: [(String, Vector)] { [("trial", trial), ("x", x), ("gradient", gradient), ("direction", direction)] }

    private func accept(_ newValue: Double, _ newGradient: Vector) {
        x.set(trial)
        gradient.set(newGradient)
        value = newValue
    }

    /// Sets d = -H gradient, with the memory cleared where that is no descent direction, and the first trial along
    /// it.
    private func startSearch() {
        var slope = setDirection()
        if inverseHessian.count > 0, !(slope < 0) {
            inverseHessian.clear()
            slope = setDirection()
        }
        let search = StrongWolfeLineSearch(
            value: value, slope: slope,
            firstStep: isUnscaled ? StepLength.first(value: value, gradient: gradient) : 1,
            leastStep: StepLength.least(from: x, along: direction))
        trial.set(x, plus: search.step, times: direction)
        self.search = search
    }

    /// Whether H says nothing of how long a step should be.
    private var isUnscaled: Bool { inverseHessian.scale == nil && !isPreconditioned }

    /// d = -H gradient. Returns the slope d'gradient.
    private func setDirection() -> Double {
        inverseHessian.apply(to: gradient, into: direction)
        direction.multiply(by: -1)
        return direction.dot(gradient)
    }
}

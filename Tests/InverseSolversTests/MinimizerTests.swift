import InverseSolvers
import Testing

@Suite struct MinimizerTests {
    @Test(arguments: [MinimizerChoice.gradientDescent, .lbfgs(), .lbfgs(memory: 1)])
    func objectiveNeverRises(choice: MinimizerChoice) {
        for function in [TestFunction.rosenbrock, .quadratic(dimension: 30, condition: 1e4), .logarithmic] {
            var last = Double.infinity
            minimize(function, .patient(choice, evaluations: 300)) { _, value, _, _ in
                #expect(value <= last)
                last = value
            }
        }
    }

    @Test(arguments: [MinimizerChoice.gradientDescent, .adam(), .lbfgs()])
    func aRestartGoesBackToTheLastIterate(choice: MinimizerChoice) {
        let function = TestFunction.quadratic(dimension: 20, condition: 100)
        let minimizer = SolverOptions.patient(choice, evaluations: 100).makeMinimizer(start: function.start)
        var last: [Float] = []
        for _ in 0 ..< 12 {
            let trial = minimizer.trial.array
            let (value, gradient) = function.evaluate(trial.map(Double.init))
            if case .accepted = minimizer.advance(value: value, gradient: Vector(gradient.map { Float($0) })) { last = trial }
        }
        minimizer.restart()
        #expect(minimizer.trial.array == last)
        let (value, gradient) = function.evaluate(last.map(Double.init))
        // As the start, it is accepted whatever its value.
        let step = minimizer.advance(value: value + 1, gradient: Vector(gradient.map { Float($0) }))
        if case .accepted = step {} else { Issue.record("\(step)") }
        #expect(minimizer.trial.array != last)
    }
}

import InverseSolvers
import Testing

@Suite struct StallRuleTests {
    /// The steps of gradient descent on 1/2 |x|^2, by a tenth of the gradient at a time, until the rule stalls. To the gradient of
    /// iterate k the vector `error(k)` is added.
    private func stepsBeforeTheStall(limit: Int, error: (Int) -> [Float]) -> Int? {
        let rule = StallRule(dimension: 3)
        let x = Vector([1, -2, 3])
        for iterate in 0 ... limit {
            let gradient = Vector(zip(x.array, error(iterate)).map { $0 + $1 })
            rule.evaluated(at: x, objective: x.dot(x) / 2, gradient: gradient)
            rule.accepted()
            if rule.isStalled { return iterate }
            x.multiply(by: 0.9)
        }
        return nil
    }

    @Test func exactGradientsDoNotStall() {
        #expect(stepsBeforeTheStall(limit: 150) { _ in [0, 0, 0] } == nil)
    }

    /// E = 7 * 0.81^k. An error e along x at both ends of a step changes s'(g + g)/2 by 0.1 |x| e, where the step gains
    /// 0.19 E = 0.095 |x|^2: more than a fifth of it when e > 0.19 |x|. With |x| = 3.74 * 0.9^k and e = 0.0374 that is from
    /// k = 28 on, and six steps of the last ten are such at k = 34, give or take a rounding.
    @Test func errorsOfAFifthOfTheGainStall() {
        let direction: [Float] = [1, -2, 3].map { $0 / Float(14).squareRoot() }
        let stalled = stepsBeforeTheStall(limit: 150) { _ in direction.map { 0.0374 * $0 } }
        #expect(stalled.map { (33 ... 35).contains($0) } == true)
        // A tenth of the error, and log 10 / log (1 / 0.9) = 22 steps later.
        let later = stepsBeforeTheStall(limit: 150) { _ in direction.map { 0.00374 * $0 } }
        #expect(later.map { (55 ... 57).contains($0) } == true)
    }

    /// A step or two that go wrong, as the first steps of a solve do, are not the rule.
    @Test func fewStepsThatDisagreeAreNoStall() {
        #expect(stepsBeforeTheStall(limit: 100) { $0 % 5 == 0 && $0 < 60 ? [0.9, 0.9, 0.9] : [0, 0, 0] } == nil)
    }

    /// A probe of a line search is no iterate.
    @Test func probesAreNotMeasured() {
        let rule = StallRule(dimension: 1)
        let x = Vector([1])
        for _ in 0 ..< 50 {
            rule.evaluated(at: Vector([5]), objective: 1e6, gradient: Vector([-1]))
            rule.evaluated(at: x, objective: x.dot(x) / 2, gradient: x)
            rule.accepted()
            x.multiply(by: 0.9)
            #expect(!rule.isStalled)
        }
    }

    @Test func anObjectiveThatRisesStalls() {
        let rule = StallRule(dimension: 1)
        for iterate in 0 ..< 7 {
            #expect(!rule.isStalled)
            let x = Vector([Float(iterate)])
            rule.evaluated(at: x, objective: x.dot(x) / 2, gradient: x)
            rule.accepted()
        }
        #expect(rule.isStalled)
    }
}

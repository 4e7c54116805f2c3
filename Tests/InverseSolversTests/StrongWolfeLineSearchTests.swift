import Foundation
import InverseSolvers
import Testing

/// A function of one variable with phi'(0) < 0 and a minimum to the right of 0.
struct Curve: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let value: @Sendable (Double) -> Double
    let slope: @Sendable (Double) -> Double

    static let all = [
        Curve(testDescription: "parabola", value: { ($0 - 1) * ($0 - 1) }, slope: { 2 * ($0 - 1) }),
        Curve(
            testDescription: "flattens to the right", value: { -$0 / ($0 * $0 + 2) },
            slope: { ($0 * $0 - 2) / (($0 * $0 + 2) * ($0 * $0 + 2)) }),
        Curve(
            testDescription: "narrow valley", value: { pow($0 + 0.004, 5) - 2 * pow($0 + 0.004, 4) },
            slope: { 5 * pow($0 + 0.004, 4) - 8 * pow($0 + 0.004, 3) }),
        Curve(testDescription: "exponential", value: { exp($0) - 5 * $0 }, slope: { exp($0) - 5 }),
        Curve(
            testDescription: "many valleys", value: { 0.1 * $0 * $0 - sin(5 * $0) },
            slope: { 0.2 * $0 - 5 * cos(5 * $0) }),
        Curve(
            testDescription: "not defined beyond 2", value: { -log($0 + 1) - log(2 - $0) },
            slope: { -1 / ($0 + 1) + 1 / (2 - $0) }),
    ]
}

@Suite struct StrongWolfeLineSearchTests {
    @Test(arguments: Curve.all, [1e-3, 0.1, 1, 10, 1e3])
    func acceptedStepHasStrongWolfeConditions(curve: Curve, firstStep: Double) {
        let (value, slope) = (curve.value(0), curve.slope(0))
        var search = StrongWolfeLineSearch(value: value, slope: slope, firstStep: firstStep, leastStep: 0)
        var outcome = StrongWolfeLineSearch.Outcome.probed
        while outcome == .probed {
            outcome = search.advance(value: curve.value(search.step), slope: curve.slope(search.step))
        }
        #expect(outcome == .accepted)
        #expect(curve.value(search.step) <= value + StrongWolfeLineSearch.sufficientDecrease * search.step * slope)
        #expect(abs(curve.slope(search.step)) <= StrongWolfeLineSearch.curvature * abs(slope))
        #expect(search.probes <= 15)
    }

    @Test func anAscentFails() {
        var search = StrongWolfeLineSearch(value: 0, slope: -1, firstStep: 1, leastStep: 1e-8)
        var outcome = StrongWolfeLineSearch.Outcome.probed
        while outcome == .probed { outcome = search.advance(value: search.step, slope: 1) }
        #expect(outcome == .failed)
        #expect(search.probes <= 25)
    }

    @Test func aLineWithoutEndIsUnbounded() {
        var search = StrongWolfeLineSearch(value: 0, slope: -1, firstStep: 1, leastStep: 0)
        var outcome = StrongWolfeLineSearch.Outcome.probed
        while outcome == .probed { outcome = search.advance(value: -search.step, slope: -1) }
        #expect(outcome == .unbounded)
    }

    /// Values that single precision cannot tell apart: the slope of a parabola decides, and a rise never passes.
    @Test(arguments: [
        (1.0, -0.5e-9, true), (1.0, 1e-10, true), (1.0, -1e-9, false), (1.0, 1e-9, false), (1.0 + 1e-9, 0, false),
    ])
    func slopesDecideBelowTheResolution(value: Double, slope: Double, isAccepted: Bool) {
        var search = StrongWolfeLineSearch(value: 1, slope: -1e-9, firstStep: 1, leastStep: 0)
        #expect((search.advance(value: value, slope: slope) == .accepted) == isAccepted)
    }

    /// A kink has steps with sufficient decrease, but none with a flat slope.
    @Test func aKinkSettles() {
        var search = StrongWolfeLineSearch(value: 1, slope: -1, firstStep: 0.3, leastStep: 1e-6)
        var outcome = StrongWolfeLineSearch.Outcome.probed
        while outcome == .probed {
            outcome = search.advance(value: abs(1 - search.step), slope: search.step < 1 ? -1 : 1)
        }
        #expect(outcome == .settled)
        #expect(abs(search.step - 1) < 1e-2)
    }

    @Test(arguments: [TestFunction.rosenbrock, .quadratic(dimension: 20, condition: 1e4), .logarithmic])
    func lbfgsAcceptsStrongWolfeSteps(function: TestFunction) {
        var last: (x: [Double], value: Double, gradient: [Double])?
        var checked = 0
        minimize(function, .patient(.lbfgs(), evaluations: 200)) { x, value, gradient, step in
            defer { last = (x, value, gradient) }
            guard let last, last.value - value > 1e-5 * abs(last.value) else { return }
            let move = zip(x, last.x).map { $0 - $1 }
            let before = zip(move, last.gradient).reduce(0) { $0 + $1.0 * $1.1 }
            let after = zip(move, gradient).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(value <= last.value + 0.99e-4 * before)
            #expect(abs(after) <= 0.91 * abs(before))
            checked += 1
        }
        #expect(checked >= 3)
    }
}

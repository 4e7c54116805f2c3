import ForwardOperators
import Testing

@Suite struct PointSpreadTests {
    @Test func uniformIsAMean() throws {
        let spread = try PointSpread.uniform(5)
        #expect(spread.height == 5 && spread.width == 5)
        #expect(spread.values == [Float](repeating: 0.04, count: 25))
    }

    @Test func gaussianHasItsSumAndSpread() throws {
        let spread = try PointSpread.gaussian(sigma: 1.5)
        #expect(spread.height == 13 && spread.width == 13)
        let sum = spread.values.reduce(0.0) { $0 + Double($1) }
        #expect(abs(sum - 1) < 1e-6)
        var variance = 0.0
        for row in 0 ..< 13 {
            for column in 0 ..< 13 { variance += Double(spread.values[row * 13 + column]) * Double((row - 6) * (row - 6)) }
        }
        // The tails beyond 4 sigma hold about 1e-3 of the variance.
        #expect(abs(variance - 2.25) < 5e-3)
    }

    @Test func horizontalMotionOfOddLengthIsAMean() throws {
        let spread = try PointSpread.motion(length: 5, angleDegrees: 0)
        #expect(spread.height == 1 && spread.values == [Float](repeating: 0.2, count: 5))
        let vertical = try PointSpread.motion(length: 5, angleDegrees: 90)
        #expect(vertical.width == 1 && vertical.values == spread.values)
        #expect(try PointSpread.motion(length: 5, angleDegrees: -180) == spread)
        #expect(try PointSpread.motion(length: 4, angleDegrees: 0).values == [0.125, 0.25, 0.25, 0.25, 0.125])
        #expect(try PointSpread.motion(length: 0.5, angleDegrees: 77).values == [1])
    }

    /// Weights are lengths of line: compared with counts of a million points on the line.
    @Test(arguments: [30.0, 45, 72.5, 150, -20])
    func slantedMotionFollowsItsLine(angle: Double) throws {
        let spread = try PointSpread.motion(length: 9, angleDegrees: angle)
        var counts = [Double](repeating: 0, count: spread.values.count)
        let (right, up) = direction(degrees: angle)
        let points = 1_000_000
        for index in 0 ..< points {
            let t = 9 * ((Double(index) + 0.5) / Double(points) - 0.5)
            let row = Int((-t * up).rounded()) + spread.height / 2
            let column = Int((t * right).rounded()) + spread.width / 2
            counts[row * spread.width + column] += 1 / Double(points)
        }
        #expect(zip(spread.values, counts).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }

    @Test func anArrayIsKeptUntilNormalized() throws {
        let spread = try PointSpread(height: 1, width: 3, values: [1, 2, 1])
        #expect(spread.values == [1, 2, 1])
        #expect(try spread.normalized().values == [0.25, 0.5, 0.25])
        #expect(throws: OperatorError.pointSpreadSumsToZero) {
            try PointSpread(height: 1, width: 2, values: [1, -1]).normalized()
        }
        #expect(throws: OperatorError.pointSpreadSumsToZero) {
            try PointSpread(height: 1, width: 1, values: [0]).normalized()
        }
    }

    @Test(arguments: [(0, 0, []), (0, 3, []), (-1, -1, [1]), (2, 2, [1]), (1, 1, [.nan]), (1, 2, [1, .infinity]), (Int.max, 2, [1])]
        as [(Int, Int, [Float])])
    func refusesBadArrays(height: Int, width: Int, values: [Float]) {
        #expect(throws: OperatorError.self) { try PointSpread(height: height, width: width, values: values) }
    }

    @Test func parsesItsShortForms() throws {
        #expect(try PointSpread(parsing: "uniform:5") == .uniform(5))
        #expect(try PointSpread(parsing: "gaussian:1.5") == .gaussian(sigma: 1.5))
        #expect(try PointSpread(parsing: "motion:9@30") == .motion(length: 9, angleDegrees: 30))
        #expect(try PointSpread(parsing: "motion:9.5@-30.25") == .motion(length: 9.5, angleDegrees: -30.25))
        #expect(try PointSpread(parsing: "spread.npy") == nil)
        #expect(try PointSpread(parsing: "C:uniform") == nil)
        #expect(try PointSpread(parsing: "") == nil)
    }

    @Test(arguments: [
        "uniform:", "uniform:0", "uniform:-3", "uniform:2.5", "uniform:1024", "uniform:99999999999999999999", "uniform:5x5",
        "gaussian:", "gaussian:0", "gaussian:-1", "gaussian:nan", "gaussian:inf", "gaussian:1e9", "gaussian:one",
        "motion:9", "motion:@", "motion:9@", "motion:@30", "motion:0@30", "motion:-9@30", "motion:nan@0", "motion:9@nan",
        "motion:1e9@0", "motion:9@inf", "motion:9@30@4",
    ])
    func refusesBadText(text: String) {
        #expect(throws: OperatorError.self) { try PointSpread(parsing: text) }
    }
}

/// (cos, sin) from the half-angle-free series of a rotation by a millionth of the angle, repeated: no call of the sine that
/// the module calls.
private func direction(degrees: Double) -> (Double, Double) {
    let steps = 1 << 20
    let small = degrees * .pi / 180 / Double(steps)
    var (cosine, sine) = (1 - small * small / 2, small)
    for _ in 0 ..< 20 { (cosine, sine) = (cosine * cosine - sine * sine, 2 * cosine * sine) }
    let length = (cosine * cosine + sine * sine).squareRoot()
    return (cosine / length, sine / length)
}

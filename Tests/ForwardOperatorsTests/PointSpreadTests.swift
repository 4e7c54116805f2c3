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

    /// Its covariance is that of the two deviations, turned; and with 0 degrees it is the product of two Gaussians.
    @Test func aLongGaussianHasItsDeviationsAndAngle() throws {
        let spread = try PointSpread.gaussian(along: 4, across: 1.5, angleDegrees: 30)
        var (rows, columns, mixed) = (0.0, 0.0, 0.0)
        for index in 0 ..< spread.values.count {
            let row = Double(index / spread.width - spread.height / 2)
            let column = Double(index % spread.width - spread.width / 2)
            let value = Double(spread.values[index])
            rows += value * row * row
            columns += value * column * column
            mixed += value * row * column
        }
        // cos^2 30 = 3/4; up is a smaller row. The tails beyond four deviations hold a thousandth.
        #expect(abs(columns - (0.75 * 16 + 0.25 * 2.25)) < 0.03)
        #expect(abs(rows - (0.25 * 16 + 0.75 * 2.25)) < 0.03)
        #expect(abs(mixed + (0.75.squareRoot() * 0.5 * (16 - 2.25))) < 0.03)
        let straight = try PointSpread.gaussian(along: 2, across: 1, angleDegrees: 0)
        #expect(straight.height == 9 && straight.width == 17)
        let round = try PointSpread.gaussian(along: 1.5, across: 1.5, angleDegrees: 0)
        #expect(zip(round.values, try PointSpread.gaussian(sigma: 1.5).values).allSatisfy { abs($0 - $1) < 1e-7 })
        #expect(try PointSpread.gaussian(along: 2, across: 1, angleDegrees: 90).height == 17)
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
        #expect(try PointSpread(height: 1, width: 2, values: [3, -1]).normalized().values == [1.5, -0.5])
        #expect(throws: OperatorError.pointSpreadSumsToLess(-3)) {
            try PointSpread(height: 1, width: 2, values: [1, -4]).normalized()
        }
    }

    @Test(
        arguments: [(0, 0, []), (0, 3, []), (-1, -1, [1]), (2, 2, [1]), (1, 1, [.nan]), (1, 2, [1, .infinity]), (Int.max, 2, [1])]
            as [(Int, Int, [Float])])
    func refusesBadArrays(height: Int, width: Int, values: [Float]) {
        #expect(throws: OperatorError.self) { try PointSpread(height: height, width: width, values: values) }
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

import ForwardOperators
import Testing

@Suite struct PointSpreadMotionTests {
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

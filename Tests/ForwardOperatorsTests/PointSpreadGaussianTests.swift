import ForwardOperators
import Testing

@Suite struct PointSpreadGaussianTests {
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
}

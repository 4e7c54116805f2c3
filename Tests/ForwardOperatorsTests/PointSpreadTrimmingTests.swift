import ForwardOperators
import Testing

@Suite struct PointSpreadTrimmingTests {
    /// What is cut are zeros, and a blur is the same.
    @Test(arguments: [(9, 12), (48, 47), (6, 5)])
    func zerosAtTheRimAreCutAroundTheCentre(height: Int, width: Int) throws {
        var values = [Float](repeating: 0, count: height * width)
        for (row, column, value) in [(0, 0, 5), (-1, 1, 2), (1, 0, 3)] as [(Int, Int, Float)] {
            values[(height / 2 + row) * width + width / 2 + column] = value
        }
        let spread = try PointSpread(height: height, width: width, values: values)
        let trimmed = try spread.trimmed(losing: 0)
        #expect(trimmed == (try PointSpread(height: 3, width: 3, values: [0, 0, 2, 0, 5, 0, 0, 3, 0])))
        #expect(try trimmed.trimmed(losing: 0) == trimmed)
        let image = (0 ..< 50 * 50).map { Float(($0 * 7919) % 101) / 100 }
        let whole = try Blur(imageShape: shape(1, 50, 50), pointSpread: spread, border: .reflect).apply(image)
        let cut = try Blur(imageShape: shape(1, 50, 50), pointSpread: trimmed, border: .reflect).apply(image)
        #expect(zip(whole, cut).allSatisfy { abs($0 - $1) < 2e-5 })
    }

    /// The first row of an even size has no partner: it can be cut alone, but nothing opposite to an entry that is kept.
    @Test func evenSizesKeepTheirCentre() throws {
        let spread = try PointSpread(height: 4, width: 1, values: [0, 1, 2, 0])
        #expect(try spread.trimmed(losing: 0) == PointSpread(height: 3, width: 1, values: [1, 2, 0]))
        let full = try PointSpread(height: 4, width: 1, values: [1, 0, 2, 0])
        #expect(try full.trimmed(losing: 0) == full)
    }

    @Test func aSmallPartOfTheLightMayBeLost() throws {
        let spread = try PointSpread(height: 1, width: 5, values: [1e-6, 0, 1, 0, 1e-6])
        #expect(try spread.trimmed(losing: 0).width == 5)
        #expect(try spread.trimmed(losing: 1e-5).width == 1)
        #expect(abs(spread.light(outside: 1, 3) - 2e-6) < 1e-8)
        #expect(spread.light(outside: 1, 5) == 0)
        #expect(try PointSpread(height: 1, width: 3, values: [0, 0, 0]).trimmed(losing: 0).width == 1)
    }
}

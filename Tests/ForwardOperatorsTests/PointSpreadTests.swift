import ForwardOperators
import Testing

@Suite struct PointSpreadTests {
    @Test func uniformIsAMean() throws {
        let spread = try PointSpread.uniform(5)
        #expect(spread.height == 5 && spread.width == 5)
        #expect(spread.values == [Float](repeating: 0.04, count: 25))
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

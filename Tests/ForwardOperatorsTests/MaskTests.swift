import ForwardOperators
import TestSupport
import Testing

@Suite struct MaskTests {
    private func expectMatchesTwin(_ mask: Mask) {
        expectMatches(mask) { image in
            var output = image
            for index in 0 ..< image.count where !mask.keep[index % mask.keep.count] { output[index] = 0 }
            return output
        }
    }

    @Test func matchesTheTwin() throws {
        expectMatchesTwin(try Mask(imageShape: shape(3, 2, 3), keep: [true, false, true, false, false, true]))
        expectMatchesTwin(try Mask(imageShape: shape(3, 1, 2), keep: [true, false, false, true, true, true]))
        expectMatchesTwin(try .random(shape(3, 9, 7), missing: 0.6, seed: 1))
        expectMatchesTwin(try .hole(shape(2, 8, 9), size: 3))
    }

    @Test func missingPixelsAreExactlyZero() throws {
        let mask = try Mask(imageShape: shape(1, 1, 4), keep: [true, false, false, true])
        #expect(bits(try mask.apply([1, -2, .nan, 4])) == bits([1, 0, 0, 4]))
    }

    @Test(arguments: [(64, 64, 0.6, 2458), (5, 5, 0.5, 13), (7, 3, 0.0, 0), (10, 10, 0.999 - 0.009, 99)])
    func exactlyTheFractionIsMissing(height: Int, width: Int, fraction: Double, expected: Int) throws {
        let mask = try Mask.random(shape(3, height, width), missing: fraction, seed: 3)
        #expect(mask.keep.filter { !$0 }.count == expected)
    }

    @Test func theSeedDecidesTheMask() throws {
        let first = try Mask.random(shape(3, 16, 16), missing: 0.6, seed: 4)
        #expect(try Mask.random(shape(1, 16, 16), missing: 0.6, seed: 4).keep == first.keep)
        #expect(try Mask.random(shape(3, 16, 16), missing: 0.6, seed: 5).keep != first.keep)
    }

    /// From a separate program of the documented shuffle and stream.
    @Test func theDrawnMaskNeverChanges() throws {
        let mask = try Mask.random(shape(1, 4, 5), missing: 0.6, seed: 7)
        #expect(mask.keep.map { $0 ? 1 : 0 } == [0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1])
    }

    /// Each of 16 pixels is missing in a quarter of 4000 masks. The counts have deviation 27; 6 of them are allowed.
    @Test func everyPixelIsEquallyLikelyToMiss() throws {
        var missing = [Int](repeating: 0, count: 16)
        for seed in 0 ..< 4000 {
            let mask = try Mask.random(shape(1, 4, 4), missing: 0.25, seed: UInt64(seed))
            for pixel in 0 ..< 16 where !mask.keep[pixel] { missing[pixel] += 1 }
        }
        #expect(missing.allSatisfy { abs($0 - 1000) < 165 })
    }

    @Test func theHoleIsCentred() throws {
        let even = try Mask.hole(shape(3, 64, 64), size: 20)
        for row in 0 ..< 64 {
            for column in 0 ..< 64 {
                #expect(even.keep[row * 64 + column] != ((22 ..< 42).contains(row) && (22 ..< 42).contains(column)))
            }
        }
        let odd = try Mask.hole(shape(1, 3, 4), size: 1)
        #expect(odd.keep.firstIndex(of: false) == 1 * 4 + 1)
        #expect(odd.keep.filter { !$0 }.count == 1)
    }

    @Test(arguments: [-0.1, 1, 1.5, .nan, .infinity, 0.99])
    func refusesBadFractions(missing: Double) {
        #expect(throws: OperatorError.self) { try Mask.random(shape(1, 4, 4), missing: missing, seed: 0) }
    }

    @Test(arguments: [0, -1, 5, Int.max, Int.min])
    func refusesBadHoles(size: Int) {
        #expect(throws: OperatorError.self) { try Mask.hole(shape(1, 4, 6), size: size) }
    }

    @Test func refusesBadArraysAndShapes() {
        #expect(throws: OperatorError.wrongCount(of: "mask", expected: 4, actual: 3)) {
            try Mask(imageShape: shape(1, 2, 2), keep: [true, true, true])
        }
        #expect(throws: OperatorError.maskKeepsNothing) {
            try Mask(imageShape: shape(1, 2, 2), keep: [false, false, false, false])
        }
        #expect(throws: OperatorError.maskKeepsNothing) { try Mask.hole(shape(1, 4, 4), size: 4) }
        #expect(throws: OperatorError.self) { try Mask.random(shape(1, Int.max, 2), missing: 0.5, seed: 0) }
        #expect(throws: OperatorError.self) { try Mask.hole(shape(-1, -1, 1), size: 1) }
    }
}

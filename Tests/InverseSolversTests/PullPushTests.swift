import InverseSolvers
import Testing

@Suite struct PullPushTests {
    @Test func whatIsKnownStays() {
        let plane: [Float] = (0 ..< 35).map { Float($0) * 0.1 - 1 }
        #expect(PullPush.fill(plane, weights: [Float](repeating: 1, count: 35), height: 5, width: 7) == plane)
        let weights: [Float] = (0 ..< 35).map { $0 % 3 == 0 ? 1 : 0 }
        let filled = PullPush.fill(plane, weights: weights, height: 5, width: 7)
        for index in plane.indices where weights[index] == 1 { #expect(filled[index] == plane[index]) }
    }

    /// Gaps of any size in one colour take it, whatever stands in them.
    @Test(arguments: [1, 3, 8, 20]) func aColourGoesOn(side: Int) {
        let (height, width) = (23, 31)
        var (plane, weights) = ([Float](repeating: 0.25, count: height * width), [Float](repeating: 1, count: height * width))
        for row in 1 ..< 1 + side {
            for column in 2 ..< 2 + side { (plane[row * width + column], weights[row * width + column]) = (.nan, 0) }
        }
        let filled = PullPush.fill(plane, weights: weights, height: height, width: width)
        #expect(filled.allSatisfy { abs($0 - 0.25) < 1e-6 })
    }

    /// What is filled lies between what is known, near the side that it is near to.
    @Test func itGoesFromSideToSide() {
        let width = 32
        let plane = [Float](repeating: 0, count: width / 2) + [Float](repeating: 1, count: width / 2)
        let weights: [Float] = (0 ..< width).map { (8 ..< 24).contains($0) ? 0 : 1 }
        let filled = PullPush.fill(plane, weights: weights, height: 1, width: width)
        #expect(filled.allSatisfy { (0 ... 1).contains($0) })
        #expect(filled[9] < 0.35 && filled[22] > 0.65)
    }

    @Test func nothingKnownIsZero() {
        #expect(PullPush.fill([3, 4, 5, 6], weights: [0, 0, 0, 0], height: 2, width: 2) == [0, 0, 0, 0])
        #expect(PullPush.fill([3], weights: [0], height: 1, width: 1) == [0])
    }
}

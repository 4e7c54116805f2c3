import ForwardOperators
import Testing

@Suite struct UnmeasuredReachTests {
    private func isScattered(_ missing: [(Int, Int)], height: Int = 12, width: Int = 12) throws -> Bool {
        var keep = [Bool](repeating: true, count: height * width)
        for (row, column) in missing { keep[row * width + column] = false }
        return try Mask(imageShape: shape(3, height, width), keep: keep).lacksScatteredPixelsOnly
    }

    @Test func pixelsHereAndThere() throws {
        #expect(try Identity(imageShape: shape(3, 5, 5)).lacksScatteredPixelsOnly)
        #expect(try isScattered([(0, 0), (5, 5), (11, 11), (5, 6)]))
        // A column of two pixels' width.
        #expect(try isScattered((0 ..< 12).flatMap { [($0, 4), ($0, 5)] }))
        // 3x3 pixels, of which the middle one has neighbours at a distance of two.
        #expect(try isScattered((4 ..< 7).flatMap { row in (4 ..< 7).map { (row, $0) } }))
    }

    @Test func patches() throws {
        #expect(try !isScattered((4 ..< 9).flatMap { row in (4 ..< 9).map { (row, $0) } }))
        // In a corner nothing is known beyond the edge.
        #expect(try !isScattered((0 ..< 3).flatMap { row in (0 ..< 3).map { (row, $0) } }))
        #expect(try !Mask.hole(shape(3, 64, 64), size: 20).lacksScatteredPixelsOnly)
    }

    @Test func tooMany() throws {
        let every = (0 ..< 144).filter { $0 % 3 == 0 }.map { ($0 / 12, $0 % 12) }
        #expect(try !isScattered(every))
        #expect(try !Mask.random(shape(3, 64, 64), missing: 0.6, seed: 1).lacksScatteredPixelsOnly)
        #expect(try Mask.random(shape(3, 64, 64), missing: 0.05, seed: 1).lacksScatteredPixelsOnly)
    }

    /// A patch is a disk whose middle is more than four pixels from what is measured; what is missing here and there is none, however much.
    @Test func patchesAreWide() throws {
        func lacksPatches(radius: Int) throws -> Bool {
            let keep = (0 ..< 400).map { pixel in
                let (down, right) = (pixel / 20 - 10, pixel % 20 - 10)
                return down * down + right * right > radius * radius
            }
            return try Mask(imageShape: shape(3, 20, 20), keep: keep).lacksPatches
        }
        #expect(try !lacksPatches(radius: 3))
        #expect(try lacksPatches(radius: 4))
        #expect(try !Identity(imageShape: shape(3, 5, 5)).lacksPatches)
        #expect(try !Mask.random(shape(3, 64, 64), missing: 0.6, seed: 1).lacksPatches)
        #expect(try Mask.hole(shape(3, 64, 64), size: 20).lacksPatches)
        #expect(try !Downsampling(imageShape: shape(3, 64, 64), factor: 4).lacksPatches)
    }

    /// A pixel counts where all of its channels are measured.
    @Test func oneChannelOfAPatch() throws {
        let keep = (0 ..< 3 * 100).map { index in index >= 100 || !((2 ..< 7).contains(index / 10) && (3 ..< 8).contains(index % 10)) }
        #expect(try !Mask(imageShape: shape(3, 10, 10), keep: keep).lacksScatteredPixelsOnly)
    }
}

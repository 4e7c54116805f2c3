import Reglow
import Testing

@Suite struct MaskContradictionTests {
    private let side = 24

    /// A textured picture with a square hole of one value.
    private func picture(channels: Int = 3, hole: Range<Int> = 8 ..< 14, fill: Float = 0) throws -> Image {
        let shape = ImageShape(channels: channels, height: side, width: side)
        var pixels = (0 ..< shape.count).map { index in
            let step = (index * 7919 + 13) % 251
            return 0.1 + 0.8 * Float(step) / 251
        }
        for channel in 0 ..< channels {
            for row in hole {
                for column in hole { pixels[channel * side * side + row * side + column] = fill }
            }
        }
        return try Image(shape: shape, pixels: pixels)
    }

    private func mask(hole: Range<Int>) -> [Bool] {
        (0 ..< side * side).map { !(hole.contains($0 / side) && hole.contains($0 % side)) }
    }

    @Test(arguments: [0, 1, 0.5] as [Float], [1, 3])
    func theOppositeMaskIsNoticed(fill: Float, channels: Int) throws {
        let picture = try picture(channels: channels, fill: fill)
        let right = mask(hole: 8 ..< 14)
        #expect(MaskContradiction(picture, known: right) == nil)
        guard case .inverted(pixels: 36, known: 36, _) = MaskContradiction(picture, known: right.map { !$0 }) else {
            Issue.record("not noticed")
            return
        }
        let numbers = [[Bool]](repeating: right.map { !$0 }, count: channels).flatMap { $0 }
        #expect(MaskContradiction(picture, known: numbers) != nil)
    }

    /// What is missing may be no number at all.
    @Test func aHoleOfNoNumbersIsAHole() throws {
        let picture = try picture(fill: .nan)
        #expect(MaskContradiction(picture, known: mask(hole: 8 ..< 14)) == nil)
        #expect(MaskContradiction(picture, known: mask(hole: 8 ..< 14).map { !$0 }) != nil)
    }

    /// The mask is a little larger than the hole, as masks should be: so its opposite keeps a rim of the picture.
    @Test func theOppositeOfAWideMaskIsNoticed() throws {
        let wide = mask(hole: 7 ..< 15)
        #expect(MaskContradiction(try picture(), known: wide) == nil)
        #expect(MaskContradiction(try picture(), known: wide.map { !$0 }) != nil)
    }

    /// 60 of 100 pixels are missing: both parts are large.
    @Test func theOppositeOfScatteredPixelsIsNoticed() throws {
        let shape = ImageShape(channels: 3, height: side, width: side)
        let keep = try Mask.random(shape, missing: 0.6, seed: 4).keep
        var pixels = try picture(hole: 0 ..< 0).pixels
        for index in pixels.indices where !keep[index % keep.count] { pixels[index] = 0 }
        let picture = try Image(shape: shape, pixels: pixels)
        #expect(MaskContradiction(picture, known: keep) == nil)
        #expect(MaskContradiction(picture, known: keep.map { !$0 }) != nil)
    }

    @Test func aMaskThatIsTooSmallOrShiftedIsNoticed() throws {
        guard case .remainder(pixels: 20, "black") = MaskContradiction(try picture(), known: mask(hole: 9 ..< 13)) else {
            Issue.record("not noticed")
            return
        }
        #expect(MaskContradiction(try picture(), known: mask(hole: 10 ..< 16)) != nil)
        #expect(MaskContradiction(try picture(), known: mask(hole: 7 ..< 15)) == nil)
    }

    /// Of a picture of four million pixels every second row and column is looked at.
    @Test func largePicturesToo() throws {
        let side = 2048
        let shape = ImageShape(channels: 1, height: side, width: side)
        let hole = 600 ..< 900
        let isMissing = (0 ..< shape.pixels).map { hole.contains($0 / side) && hole.contains($0 % side) }
        let pixels = isMissing.indices.map { index in
            let step = (index * 7919 + 13) % 251
            return isMissing[index] ? 0 : 0.1 + 0.8 * Float(step) / 251
        }
        let picture = try Image(shape: shape, pixels: pixels)
        #expect(MaskContradiction(picture, known: isMissing.map { !$0 }) == nil)
        guard case .inverted(pixels: 90_000, known: 90_000, "black") = MaskContradiction(picture, known: isMissing) else {
            Issue.record("not noticed")
            return
        }
    }

    @Test func theMaskOfAnotherPlaceIsNoticed() throws {
        guard case .patch(pixels: 36, missing: 36, _) = MaskContradiction(try picture(), known: mask(hole: 16 ..< 22)) else {
            Issue.record("not noticed")
            return
        }
    }

    /// Sky that has clipped, scratches that show something, and a picture of one colour say nothing.
    @Test func ordinaryPicturesAreNot() throws {
        var pixels = try picture(hole: 0 ..< 0).pixels
        for index in pixels.indices where index % (side * side) < side * side * 6 / 10 { pixels[index] = 1 }
        let sky = try Image(shape: ImageShape(channels: 3, height: side, width: side), pixels: pixels)
        #expect(MaskContradiction(sky, known: mask(hole: 18 ..< 22)) == nil)
        #expect(MaskContradiction(try picture(hole: 0 ..< 0), known: mask(hole: 8 ..< 14)) == nil)
        let flat = try Image(shape: ImageShape(channels: 1, height: side, width: side), pixels: [Float](repeating: 0, count: side * side))
        #expect(MaskContradiction(flat, known: mask(hole: 8 ..< 14)) == nil)
        #expect(MaskContradiction(flat, known: [Bool](repeating: true, count: side * side)) == nil)
    }
}

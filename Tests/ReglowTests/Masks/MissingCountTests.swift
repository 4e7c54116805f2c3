import Reglow
import Testing

@Suite struct MissingCountTests {
    @Test func pixelsAndNumbers() {
        let shape = ImageShape(channels: 3, height: 1, width: 4)
        let all = MissingCount(measured: [true, false, true, true], shape: shape)
        #expect(all.count == 1 && all.fraction == 0.25 && all.values == 3)
        let some = MissingCount(measured: [true, false, true, true, true, false, false, true, true, true, true, true], shape: shape)
        #expect(some.count == 2 && some.fraction == 0.5 && some.values == 3)
    }

    @Test func ofAnOperator() throws {
        let shape = ImageShape(channels: 3, height: 8, width: 8)
        #expect(try Mask.hole(shape, size: 4).missingPixels.count == 16)
        #expect(try Identity(imageShape: shape).missingPixels.count == 0)
        let masked = try Downsampling(imageShape: shape, factor: 2).trusting((0 ..< 16).map { $0 != 3 })
        #expect(masked.missingPixels.count == 1 && masked.missingPixels.fraction == 1.0 / 16 && masked.missingPixels.values == 3)
    }

    /// Each channel clips by itself.
    @Test func saturatedNumbers() throws {
        let image = try Image(shape: ImageShape(channels: 3, height: 1, width: 2), pixels: [1, 0.5, 0.98, 0.2, 0.99, 1.2])
        #expect(image.entries(below: 0.99) == [false, true, true, true, false, false])
    }
}

import InverseSolvers
import KernelInterface
import Testing

@Suite struct ConstantAreasTests {
    static let shape = ImageShape(channels: 2, height: 7, width: 8)

    /// 4 rows of both channels are constant, each channel with its own value; a fifth in one channel only.
    private static let image = (0 ..< shape.count).map { index -> Float in
        let (channel, pixel) = index.quotientAndRemainder(dividingBy: shape.pixels)
        return pixel / 8 < 4 + channel ? Float(channel) : Float(index)
    }

    @Test func onlySquaresInAllChannels() {
        let areas = ConstantAreas(Self.image, Self.shape)
        #expect(areas.contains == (0 ..< Self.shape.pixels).map { $0 / 8 < 4 })
        #expect(areas.count == 32)
    }

    @Test func missingPixelsAreInNone() {
        let measured = (0 ..< Self.shape.pixels).map { $0 != 8 + 1 }
        let areas = ConstantAreas(Self.image, Self.shape, measured: measured)
        #expect(!areas.contains[9] && !areas.contains[0] && areas.contains[3] && areas.contains[31])
    }

    @Test func smallPicturesHaveNone() {
        #expect(ConstantAreas([1, 1, 1, 1], ImageShape(channels: 1, height: 2, width: 2)).count == 0)
        #expect(ConstantAreas([], ImageShape(channels: 1, height: 0, width: 0)).count == 0)
    }
}

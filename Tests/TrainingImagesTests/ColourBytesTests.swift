import Imaging
import TestSupport
import Testing
import TrainingImages

@Suite struct ColourBytesTests {
    @Test func valuesAreRoundedToTheNearestLevel() throws {
        let image = try Image(channels: 3, height: 1, width: 2) { _, column, channel in
            [[-0.5, 0, 0.4999 / 255], [0.5001 / 255, 1, 1.7]][column][channel]
        }
        #expect(try ColourBytes(image).samples == [0, 1, 0, 255, 0, 255])
    }

    @Test func greyHasThreeEqualChannels() throws {
        let bytes = try ColourBytes(Image(channels: 1, height: 2, width: 1) { row, _, _ in Float(row) / 255 })
        #expect(bytes.height == 2 && bytes.width == 1 && bytes.samples == [0, 1, 0, 1, 0, 1])
    }

    /// What no noise reaches is on another scale.
    @Test(arguments: [255, 2.5, -1.5] as [Float]) func anotherScaleIsRefused(value: Float) throws {
        let image = try Image(channels: 1, height: 1, width: 2) { _, column, _ in column == 0 ? 0.5 : value }
        let error = #expect(throws: (any Error).self) { try ColourBytes(image) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("\(value)"))
    }
}

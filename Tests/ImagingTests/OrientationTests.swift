import Imaging
import TestSupport
import Testing

/// Files that lie on their side or mirrored are read as they are to be seen.
@Suite struct OrientationTests {
    static let cases = ["png", "jpg", "tif", "webp"].flatMap { ending in (1 ... 8).map { (ending, $0) } }

    @Test(arguments: cases) func everyOrientationGivesTheSameImage(ending: String, orientation: Int) throws {
        let decoded = try ImageFile.read(Fixture.path("orientation\(orientation).\(ending)"))
        // JPEG has squares of 8x8 pixels for pixels.
        let side = ending == "jpg" ? 8 : 1
        let expected = try Image(channels: decoded.image.shape.channels, height: 2 * side, width: 3 * side) { row, column, _ in
            Float((row / side * 3 + column / side) * 50) / 255
        }
        #expect(largestDifference(decoded.image, expected) <= (ending == "jpg" ? 1.5 / 255 : 0))
        #expect(decoded.notes == (orientation == 1 ? [] : ["turned upright, as its orientation \(orientation) says"]))
    }
}

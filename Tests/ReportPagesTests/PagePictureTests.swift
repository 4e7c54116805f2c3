import Foundation
import Imaging
import KernelInterface
import ReportPages
import TestSupport
import Testing

@Suite struct PagePictureTests {
    private func image(of picture: PagePicture) throws -> Image {
        let page = try #require(ParsedPage(PageParts.filmStrip([picture], label: "s").rendered))
        let address = try #require(page["img"][0].attributes["src"])
        let data = try #require(Data(base64Encoded: String(address.dropFirst("data:image/png;base64,".count))))
        return try ImageFile.decode([UInt8](data), path: "p.png").image
    }

    @Test func theBytesAreThePicture() throws {
        let original = try Image(channels: 3, height: 5, width: 7) { Float($0 * 7 + $1) / 34 * Float($2 + 1) / 3 }
        let shown = try image(of: PagePicture(original, caption: "a", description: "b"))
        #expect(shown.shape == original.shape)
        for (a, b) in zip(shown.pixels, original.pixels) { #expect(abs(a - b) <= 0.5 / 255 + 1e-6) }
    }

    @Test func valuesThatNoPictureHasAreClipped() throws {
        let image = try Image(shape: ImageShape(channels: 1, height: 1, width: 4), pixels: [-3, .nan, 9, .infinity])
        #expect(try self.image(of: PagePicture(image, caption: "a", description: "b")).pixels == [0, 0, 1, 0])
    }

    @Test func aLargeImageIsMadeOfMeans() throws {
        let side = PagePicture.longestSide
        let wide = try Image(channels: 1, height: 4, width: 2 * side) { _, column, _ in column % 2 == 0 ? 0 : 0.4 }
        let picture = try PagePicture(wide, caption: "a", description: "b")
        #expect(picture.reduction == 2 && picture.caption == "a (shown at 1/2 of its size)")
        let shown = try image(of: picture)
        #expect(shown.shape == ImageShape(channels: 1, height: 2, width: side) && shown.pixels.allSatisfy { abs($0 - 0.2) < 0.002 })
        #expect(PagePicture.pixels(of: wide.shape) == 2 * side)
        let line = try Image(channels: 1, height: 1, width: 3 * side + 1) { _, _, _ in 0.5 }
        #expect(try image(of: PagePicture(line, caption: "a", description: "b")).shape.height == 1)
    }
}

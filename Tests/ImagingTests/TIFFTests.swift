import Files
import Imaging
import KernelInterface
import TestSupport
import Testing

@Suite struct TIFFTests {
    @Test(arguments: [
        ("rgb8.tif", 3, 8), ("rgb8-strips.tif", 3, 8), ("rgb8-planar.tif", 3, 8), ("rgb8-tiles-planar.tif", 3, 8),
        ("rgb16-tiles.tif", 3, 16), ("grey16-big-endian.tif", 1, 16), ("grey8-white-is-zero.tif", 1, 8), ("grey8-bigtiff.tif", 1, 8),
        ("rgba8.tif", 3, 8), ("grey1.tif", 1, 1), ("pages.tif", 1, 8),
    ])
    func readsIntegers(name: String, channels: Int, bits: Int) throws {
        let decoded = try ImageFile.read(Fixture.path(name))
        let expected = try Image(channels: channels, height: 9, width: 11) { row, column, channel in
            Float(Fixture.sample(row, column, channel, bits: bits)) / Float(1 << bits - 1)
        }
        #expect(largestDifference(decoded.image, expected) <= Float.ulpOfOne)
        #expect(decoded.metadata.depth == (bits == 16 ? .sixteen : .eight))
        #expect(decoded.notes == (name == "pages.tif" ? ["holds several pictures, of which the first is read"] : []))
    }

    @Test(arguments: [
        ("grey-float16.tif", 1, 1e-3), ("grey-float32.tif", 1, 1e-7), ("grey-float64.tif", 1, 1e-7), ("rgb-float32.tif", 3, 1e-7),
    ])
    func readsFloats(name: String, channels: Int, tolerance: Float) throws {
        let decoded = try ImageFile.read(Fixture.path(name))
        let expected = try Image(channels: channels, height: 9, width: 11) { row, column, channel in
            Float(Fixture.sample(row, column, channel, bits: 16)) / 65535
        }
        #expect(largestDifference(decoded.image, expected) <= tolerance)
        #expect(decoded.metadata.depth == .float && decoded.metadata.quantization == nil)
    }

    @Test func readsPalettes() throws {
        let expected = try Image(channels: 3, height: 9, width: 11) { row, column, channel in
            let entry = Fixture.sample(row, column, 0, bits: 4)
            return Float([16 * entry, 255 - entry, entry * entry][channel]) / 255
        }
        #expect(largestDifference(try ImageFile.read(Fixture.path("palette.tif")).image, expected) == 0)
    }

    @Test(arguments: ["flat-jpeg.tif", "flat-ycbcr.tif"]) func convertsLumaAndChroma(name: String) throws {
        let image = try ImageFile.read(Fixture.path(name)).image
        let expected = try Image(channels: 3, height: 16, width: 16) { _, _, channel in [200, 100, 50][channel] / 255 }
        #expect(largestDifference(image, expected) <= 3 / 255)
    }

    /// L* = 128 of 255 without colour is the grey 119 of sRGB.
    @Test func convertsLab() throws {
        let decoded = try ImageFile.read(Fixture.path("flat-lab.tif"))
        let grey = try Image(channels: 3, height: 16, width: 16) { _, _, _ in 119 / 255 }
        #expect(largestDifference(decoded.image, grey) <= 16 / 255)
        #expect(decoded.notes.contains { $0.contains("converted to RGB") })
    }

    @Test func dividesColoursByAlpha() throws {
        let decoded = try ImageFile.read(Fixture.path("rgba8-multiplied.tif"))
        let expected = try Image(channels: 3, height: 9, width: 11) { _, _, channel in [127, 63, 0][channel] / 255 }
        #expect(largestDifference(decoded.image, expected) <= 1.01 / 255)
        #expect(Set(try #require(decoded.alpha).pixels) == [1, 128 / 255])
        #expect(decoded.notes.contains { $0.contains("multiplied by alpha") })
    }

    @Test(arguments: [
        ("cmyk.tif", "CMYK"), ("int16.tif", "signed"), ("uint32.tif", "16 bits"), ("counts-float32.tif", "--range"),
    ])
    func refusesByName(name: String, word: String) throws {
        #expect(readFailure(try Fixture.path(name)).contains(word))
    }

    @Test func theWhiteOfAFileCanBeSaid() throws {
        let path = try Fixture.path("counts-float32.tif")
        let decoded = try ImageFile.read(path, scale: .image(white: 65535))
        let plain = try ImageFile.read(Fixture.path("grey-float32.tif")).image
        #expect(largestDifference(decoded.image, plain) <= 1e-6)
        // And what is made of it is on the same scale again.
        let folder = try TemporaryFolder()
        _ = try ImageFile.write(decoded, to: folder.file("again.tif"))
        let again = try ImageFile.read(folder.file("again.tif"), scale: .image(white: 65535)).image
        #expect(largestDifference(again, plain) <= 1e-6)
        let twelve = try ImageFile.read(Fixture.path("grey16-big-endian.tif"), scale: .image(white: 100_000))
        #expect(twelve.metadata.quantization == 1e-5)
    }

    @Test(arguments: [(1, SampleDepth.eight), (3, .eight), (1, .sixteen), (3, .sixteen), (1, .float), (3, .float)])
    func whatIsWrittenIsReadAgain(channels: Int, depth: SampleDepth) throws {
        let folder = try TemporaryFolder()
        let image = try Image(channels: channels, height: 33, width: 70) { row, column, channel in
            Float((row * 70 + column * 3 + channel * 11) % 256) / 255
        }
        try ImageFile.write(image, to: folder.file("a.tiff"), depth: depth)
        let decoded = try ImageFile.read(folder.file("a.tiff"))
        #expect(decoded.metadata.depth == depth)
        #expect(largestDifference(decoded.image, image) <= (depth == .sixteen ? 1e-5 : 0))
        #expect(decoded.notes.isEmpty)
    }

    @Test(arguments: ["rgb8.tif", "rgb8-strips.tif", "rgb16-tiles.tif", "rgb8-planar.tif", "grey1.tif"])
    func everyTruncationOfThePixelsIsAnErrorOrTheWholeImage(name: String) throws {
        let folder = try TemporaryFolder()
        let bytes = try Fixture.bytes(name)
        let whole = try ImageFile.read(Fixture.path(name)).image
        for count in stride(from: 0, to: bytes.count, by: 3) {
            let path = try folder.file("cut.tif", holding: Array(bytes[..<count]))
            if let decoded = try? ImageFile.read(path) { #expect(largestDifference(decoded.image, whole) == 0, "cut at \(count)") }
        }
        #expect(!readFailure(try folder.file("half.tif", holding: Array(bytes[..<(bytes.count / 3)]))).isEmpty)
    }

    /// Whatever the header says, memory is taken for what the file can hold only.
    @Test func aHeaderDoesNotDecideAboutMemory() throws {
        let folder = try TemporaryFolder()
        var bytes = try Fixture.bytes("grey8-white-is-zero.tif")
        // Entries of 12 bytes: tags 256 and 257 are width and height.
        for tag in [256, 257] {
            let place = try #require(bytes.indices.first { Array(bytes[$0...].prefix(3)) == [UInt8(tag & 0xFF), UInt8(tag >> 8), 4] })
            bytes.replaceSubrange(place + 8 ..< place + 12, with: [0, 0x3F, 0, 0])
        }
        #expect(readFailure(try folder.file("large.tif", holding: bytes)).contains("ends too early"))
    }
}

import Files
import Imaging
import KernelInterface
import TestSupport
import Testing

@Suite struct PNGTests {
    @Test(arguments: [
        ("grey1.png", 1, 1, false), ("grey2.png", 1, 2, false), ("grey4.png", 1, 4, false), ("grey8.png", 1, 8, false),
        ("grey16.png", 1, 16, false), ("rgb8.png", 3, 8, false), ("rgb16.png", 3, 16, false),
        ("rgb8-interlaced.png", 3, 8, false), ("grey16-interlaced.png", 1, 16, false), ("grey-alpha8.png", 1, 8, true),
        ("rgb-alpha16.png", 3, 16, true), ("rgb8-transparent-colour.png", 3, 8, true),
    ])
    func readsSamplesAsStored(name: String, channels: Int, bits: Int, hasAlpha: Bool) throws {
        let decoded = try ImageFile.read(Fixture.path(name))
        let largest = Float(1 << bits - 1)
        let expected = try Image(channels: channels, height: 9, width: 11) { row, column, channel in
            Float(Fixture.sample(row, column, channel, bits: bits)) / largest
        }
        // Samples of 1, 2 and 4 bits become 8 bits first: the quotients may differ in the last place.
        #expect(largestDifference(decoded.image, expected) <= Float.ulpOfOne)
        #expect(decoded.notes.isEmpty && (decoded.alpha != nil) == hasAlpha)
    }

    @Test(arguments: [("palette4.png", false), ("palette4-transparent.png", true)])
    func readsPalettesAsRGB(name: String, hasAlpha: Bool) throws {
        let decoded = try ImageFile.read(Fixture.path(name))
        let expected = try Image(channels: 3, height: 9, width: 11) { row, column, channel in
            let entry = Fixture.sample(row, column, 0, bits: 4)
            return Float([16 * entry, 255 - entry, entry * entry][channel]) / 255
        }
        #expect(largestDifference(decoded.image, expected) == 0)
        #expect(decoded.notes.isEmpty && (decoded.alpha != nil) == hasAlpha)
    }

    @Test(arguments: [(1, SampleDepth.eight, 255), (3, .eight, 255), (1, .sixteen, 65535), (3, .sixteen, 65535)])
    func everyLevelSurvivesARoundTrip(channels: Int, depth: SampleDepth, largest: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("levels.png")
        let image = try Image(channels: channels, height: 256, width: (largest + 1) / 256) { row, column, channel in
            Float((row * (largest + 1) / 256 + column + channel) % (largest + 1)) / Float(largest)
        }
        try ImageFile.write(image, to: path, depth: depth)
        #expect(largestDifference(try ImageFile.read(path).image, image) == 0)
    }

    @Test func clipsAndRoundsToTheNearestLevel() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("clipped.PNG")
        let values: [Float] = [-3, 1.7, 100.4 / 255, 100.6 / 255, -0.0, 1]
        try ImageFile.write(Image(shape: ImageShape(channels: 1, height: 2, width: 3), pixels: values), to: path)
        #expect(try ImageFile.read(path).image.pixels == [0, 1, 100 / 255, 101 / 255, 0, 1])
    }

    @Test(arguments: ["rgb8.png", "grey16-interlaced.png", "palette4-transparent.png"])
    func everyTruncationOfThePixelsIsAnError(name: String) throws {
        let folder = try TemporaryFolder()
        let bytes = try Fixture.bytes(name)
        // The last chunk holds nothing: without it the image is whole.
        let end = bytes.count - 12
        for count in end ..< bytes.count {
            let decoded = try ImageFile.read(folder.file("cut.png", holding: Array(bytes[..<count])))
            #expect(decoded.notes.count == 1 && decoded.notes[0].contains("decoder warns"))
            #expect(largestDifference(decoded.image, try ImageFile.read(Fixture.path(name)).image) == 0)
        }
        for count in 0 ..< end {
            let reason = try readFailure(folder.file("cut.png", holding: Array(bytes[..<count])))
            switch count {
            case 0: #expect(reason == "the file is empty")
            case 1 ..< 8: #expect(reason == "is not a PNG, JPEG, TIFF, WebP or NumPy file, although its name ends in .png")
            default: #expect(reason.contains("ends too early"), "cut at \(count)")
            }
        }
    }

    @Test(arguments: ["rgb8.png", "palette4-transparent.png"])
    func everyChangedBitIsAnErrorOrTold(name: String) throws {
        let folder = try TemporaryFolder()
        let bytes = try Fixture.bytes(name)
        let image = try ImageFile.read(Fixture.path(name)).image
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= UInt8(1 << (position % 8))
            // Where it does not hit a pixel, the pixels are right, and it is told.
            guard let decoded = try? ImageFile.read(folder.file("changed.png", holding: changed)) else { continue }
            #expect(!decoded.notes.isEmpty && largestDifference(decoded.image, image) == 0, "byte \(position)")
        }
        var wrongChecksum = bytes
        wrongChecksum[bytes.count - 1] ^= 1
        #expect(try ImageFile.read(folder.file("crc.png", holding: wrongChecksum)).notes.count == 1)
    }

    @Test func aWrongChecksumOfATextIsANote() throws {
        let decoded = try ImageFile.read(Fixture.path("wrong-text-checksum.png"))
        #expect(decoded.notes.count == 1 && decoded.notes[0].contains("tEXt"))
    }

    @Test func ofAnAnimationTheFirstPicture() throws {
        let decoded = try ImageFile.read(Fixture.path("animated.png"))
        #expect(decoded.notes == ["holds several pictures, of which the first is read"])
        #expect(largestDifference(decoded.image, try ImageFile.read(Fixture.path("rgb8.png")).image) == 0)
    }

    @Test(
        arguments: [
            (0, 0, "is zero"), (0, 5, "width is zero"), (5, 0, "height is zero"), (0x8000_0000, 1, "out of range"),
            (100_000, 100_000, "too many pixels"), (900_000, 900_000, "too many pixels"),
        ] as [(UInt32, UInt32, String)])
    func refusesHeadersWithoutAllocating(width: UInt32, height: UInt32, part: String) throws {
        let folder = try TemporaryFolder()
        var bytes = try Fixture.bytes("grey8.png")
        for (offset, extent) in [(16, width), (20, height)] {
            for byte in 0 ..< 4 { bytes[offset + byte] = UInt8(truncatingIfNeeded: extent >> UInt32(24 - 8 * byte)) }
        }
        let checksum = crc32(bytes[12 ..< 29])
        for byte in 0 ..< 4 { bytes[29 + byte] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * byte)) }
        let reason = try readFailure(folder.file("header.png", holding: bytes))
        #expect(reason.contains(part))
    }

    @Test func aValueThatIsNotFiniteLeavesTheOldFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("old.png", holding: Fixture.bytes("grey8.png"))
        let image = try Image(shape: ImageShape(channels: 1, height: 1, width: 3), pixels: [0, .infinity, .nan])
        let error = #expect(throws: FileError.self) { try ImageFile.write(image, to: path) }
        #expect(error?.reason == "the value at index 1 is inf, not a finite number")
        #expect(try FileBytes.read(path) == Fixture.bytes("grey8.png"))
        #expect(try folder.names == ["old.png"])
    }

    /// The checksum of PNG chunks, bit by bit.
    private func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { checksum, byte in
            (0 ..< 8).reduce(checksum ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
    }
}

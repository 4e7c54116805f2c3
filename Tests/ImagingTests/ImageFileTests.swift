import Files
import Imaging
import TestSupport
import Testing

@Suite struct ImageFileTests {
    @Test func theContentDecidesNotTheName() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("photo.jpg", holding: Fixture.bytes("rgb8.png"))
        let original = try ImageFile.read(Fixture.path("rgb8.png")).image
        #expect(largestDifference(try ImageFile.read(path).image, original) == 0)
    }

    @Test func saysWhatCannotBeRead() throws {
        let folder = try TemporaryFolder()
        #expect(readFailure(folder.file("missing.png")) == "cannot open: No such file or directory")
        #expect(readFailure(folder.path) == "is a folder, not a file")
        #expect(readFailure("/dev/zero") == "is a device, not a file")
        #expect(try readFailure(folder.file("empty.png", holding: [])) == "the file is empty")
        #expect(
            try readFailure(folder.file("text.png", holding: Array("hello, world".utf8)))
                == "is not a PNG, JPEG, TIFF, WebP or NumPy file, although its name ends in .png")
        #expect(try readFailure(folder.file("text", holding: Array("hello".utf8))) == "is not a PNG, JPEG, TIFF, WebP or NumPy file")
    }

    @Test func writesOnlyKnownExtensions() throws {
        let folder = try TemporaryFolder()
        let image = try Image(channels: 1, height: 1, width: 1) { _, _, _ in 0.5 }
        for name in ["x.jpg", "x", ".png.txt", "png"] {
            #expect(throws: FileError.self) { try ImageFile.write(image, to: folder.file(name)) }
            #expect(throws: FileError.self) { try ImageFile.requireWritable(folder.file(name)) }
        }
        #expect(try folder.names.isEmpty)
    }
}

import Imaging
import TestSupport
import Testing

@Suite struct PictureSizeTests {
    private static func image(_ height: Int, _ width: Int, channels: Int = 3) throws -> Image {
        try Image(channels: channels, height: height, width: width) { row, column, _ in Float((row + column) % 7) / 7 }
    }

    @Test(arguments: ["png", "npy"], [1, 3])
    func theHeaderSaysIt(ending: String, channels: Int) throws {
        let folder = try TemporaryFolder()
        try ImageFile.write(try Self.image(23, 41, channels: channels), to: folder.file("a.\(ending)"))
        #expect(PictureSize.estimate(folder.file("a.\(ending)")) == 23 * 41)
    }

    @Test func aPhotographOfJPEGSaysItToo() throws {
        let folder = try TemporaryFolder()
        // Start of image, an application segment, a frame of 300 x 200.
        let bytes: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC2, 0, 17, 8, 1, 44, 0, 200, 3, 1, 0x22, 0]
        #expect(PictureSize.estimate(try folder.file("a.jpg", holding: bytes)) == 300 * 200)
    }

    /// A plan is made of many files, some of which are anything.
    @Test func whatIsNoPictureCountsByItsBytes() throws {
        let folder = try TemporaryFolder()
        #expect(PictureSize.estimate(try folder.file("a.png", holding: [UInt8](repeating: 7, count: 5000))) == 5000)
        #expect(PictureSize.estimate(folder.file("nothing.png")) == PictureSize.estimate(folder.path))
        for count in 0 ..< 24 {
            let cut =
                Array([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A].prefix(count)) + [UInt8](repeating: 0xFF, count: max(0, count - 8))
            #expect(PictureSize.estimate(try folder.file("cut.png", holding: cut)) > 0)
        }
        let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 1]
        #expect(PictureSize.estimate(try folder.file("cut.jpg", holding: jpeg)) > 0)
    }

    /// A header may state sides that no array has.
    @Test(arguments: ["-4", "-9223372036854775807"])
    func sidesBelowZeroAreNoSize(side: String) throws {
        let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, \(side)), }\n"
        let header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(dictionary.utf8.count), 0] + Array(dictionary.utf8)
        #expect(PictureSize.pixels(header) == nil)
        let folder = try TemporaryFolder()
        #expect(PictureSize.estimate(try folder.file("a.npy", holding: header)) == header.count)
    }
}

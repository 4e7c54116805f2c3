import Imaging
import TestSupport
import Testing

/// Exif data, as it goes from a file into the image that is made of it.
@Suite struct ExifDataTests {
    @Test(arguments: [6, 8, 3]) func theOutputSaysThatItIsUpright(orientation: Int) throws {
        let folder = try TemporaryFolder()
        var decoded = try ImageFile.read(Fixture.path("orientation\(orientation).jpg"))
        #expect(!decoded.metadata.exif.isEmpty)
        #expect(try ImageFile.write(decoded, to: folder.file("a.png")).isEmpty)
        let again = try ImageFile.read(folder.file("a.png"))
        #expect(again.notes.isEmpty)
        #expect(again.image.shape == decoded.image.shape)
        #expect(again.metadata.exif == decoded.metadata.exif)
        // The name of the program is still there.
        #expect(String(decoding: again.metadata.exif, as: UTF8.self).contains("abc"))
        decoded.metadata.exif = []
    }

    /// Damaged Exif data is told and does no harm.
    @Test func damagedDataIsLeftOut() throws {
        let folder = try TemporaryFolder()
        let whole = try Fixture.bytes("orientation6.jpg")
        let start = try #require(whole.indices.first { whole[$0...].starts(with: Array("Exif\0\0II".utf8)) })
        var wrongMark = whole
        wrongMark[start + 6] = 0
        let decoded = try ImageFile.read(folder.file("mark.jpg", holding: wrongMark))
        #expect(decoded.notes == ["its Exif data is damaged and left out"] && decoded.metadata.exif.isEmpty)
        // Every number of the directory may be anything.
        for place in start + 6 ..< start + 44 {
            for value in [0, 1, 0x7F, 0xFF] as [UInt8] {
                var changed = whole
                changed[place] = value
                #expect(throws: Never.self) { try ImageFile.read(folder.file("changed.jpg", holding: changed)) }
            }
        }
    }
}

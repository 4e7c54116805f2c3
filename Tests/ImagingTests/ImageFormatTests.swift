import Imaging
import TestSupport
import Testing

@Suite struct ImageFormatTests {
    @Test func aWrongEndingIsANote() throws {
        let folder = try TemporaryFolder()
        let decoded = try ImageFile.read(folder.file("photo.png", holding: Fixture.bytes("rgb.jpg")))
        #expect(decoded.notes == ["is a JPEG file, although its name ends in .png"])
        #expect(try ImageFile.read(folder.file("photo", holding: Fixture.bytes("rgb.jpg"))).notes.isEmpty)
    }
}

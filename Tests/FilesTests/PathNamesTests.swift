import Files
import Foundation
import TestSupport
import Testing

@Suite struct PathNamesTests {
    @Test(arguments: [
        ("in/face.png", "in", "face.png", "face", "png"), ("face.PNG", ".", "face.PNG", "face", "png"),
        ("/face.tar.gz", "/", "face.tar.gz", "face.tar", "gz"), ("a/b/", "a", "b", "b", ""), ("a//b", "a", "b", "b", ""),
        ("//x", "/", "x", "x", ""), ("", ".", "", "", ""),
    ])
    func aPathIsTakenApart(path: String, above: String, file: String, base: String, ending: String) {
        #expect(folder(of: path) == above)
        #expect(fileName(of: path) == file)
        #expect(baseName(of: path) == base)
        #expect(fileExtension(of: path) == ending)
    }

    /// In Swift a slash or a dot and an accent behind it are one character.
    @Test func anAccentHidesNoSlash() {
        #expect(fileName(of: "a/\u{301}b") == "\u{301}b")
        #expect(fileExtension(of: "a.\u{301}b") == "\u{301}b")
    }

    @Test func aRealPathHasNoLinks() throws {
        let temporary = try TemporaryFolder()
        try temporary.file("real/x", holding: [])
        try FileManager.default.createSymbolicLink(atPath: temporary.file("link"), withDestinationPath: "real")
        let real = try #require(realPath(temporary.path))
        #expect(realPath(temporary.file("link/../real/./x")) == real + "/real/x")
        #expect(realPath(temporary.file("gone")) == nil)
    }
}

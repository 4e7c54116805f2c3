import Files
import TestSupport
import Testing

@Suite struct FolderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func filesAreSortedAndHiddenOnesLeftOut() throws {
        for name in ["b", "B", "a.png", ".hidden", "\u{e9}"] { try folder.file(name, holding: []) }
        try folder.makeFolder("c")
        #expect(try Folder.files(in: folder.path) == ["B", "a.png", "b", "c", "\u{e9}"].map { folder.file($0) })
        #expect(throws: FileError.self) { try Folder.files(in: folder.file("b")) }
    }

    @Test func foldersAboveAreMade() throws {
        try Folder.create(folder.file("x/y/z"))
        try Folder.create(folder.file("x/y/z"))
        #expect(Folder.exists(folder.file("x/y/z")))
        try folder.file("x/file", holding: [])
        let error = #expect(throws: FileError.self) { try Folder.create(folder.file("x/file")) }
        #expect(error?.reason == "is a file, not a folder")
        #expect(throws: FileError.self) { try Folder.create(folder.file("x/file/below")) }
        #expect(!Folder.exists(folder.file("x/file")))
    }

    @Test func aSlashIsNotDoubled() {
        #expect(Folder.joined("a", "b") == "a/b" && Folder.joined("a/", "b") == "a/b" && Folder.joined("/", "b") == "/b")
    }
}

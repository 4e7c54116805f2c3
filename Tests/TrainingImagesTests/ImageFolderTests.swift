import Files
import Foundation
import Imaging
import TestSupport
import Testing
import TrainingImages

@Suite struct ImageFolderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func readsFoldersBelowInTheOrderOfTheirPaths() throws {
        for name in ["b", "b/inner", ".hidden"] { try folder.makeFolder(name) }
        for name in ["c.png", "b/Z.png", "b/inner/x.npy", "b/a.png", "B.png", ".hidden/no.png", ".no.png"] {
            try folder.picture(name)
        }
        try folder.file("notes.txt", holding: Array("text".utf8))
        try FileManager.default.moveItem(atPath: folder.file("B.png"), toPath: folder.file("B.PNG"))
        let names = ["B.PNG", "b/Z.png", "b/a.png", "b/inner/x.npy", "c.png"]
        #expect(try ImageFolder.paths(in: folder.path) == names.map { folder.file($0) })
        #expect(try ImageFolder.paths(in: folder.path + "//") == names.map { folder.file($0) })
        let corpus = try folder.corpus().corpus
        #expect((0 ..< corpus.count).map(corpus.path) == names.map { folder.file($0) })
    }

    @Test func followsLinksButNotInCircles() throws {
        try folder.makeFolder("a")
        try folder.picture("a/x.png")
        try FileManager.default.createSymbolicLink(atPath: folder.file("a/up"), withDestinationPath: folder.path)
        try FileManager.default.createSymbolicLink(atPath: folder.file("b"), withDestinationPath: folder.file("a"))
        #expect(try ImageFolder.paths(in: folder.path) == ["a/x.png", "b/x.png"].map { folder.file($0) })
    }

    @Test func aFolderWithoutImagesIsAnErrorThatNamesIt() throws {
        try folder.makeFolder("empty")
        try folder.file("empty/notes.txt", holding: [1])
        try folder.file("file", holding: [1])
        for name in ["empty", "missing", "file"] {
            let error = #expect(throws: FileError.self) { try ImageFolder.paths(in: folder.file(name)) }
            #expect(error?.path == folder.file(name))
        }
        try folder.file("empty/broken.png", holding: [1, 2, 3])
        var leftOut: [FileError] = []
        let error = #expect(throws: FileError.self) {
            try ImageCorpus(folder: folder.file("empty"), smallestSide: 8, parallelism: oneThread) { leftOut.append($0) }
        }
        #expect(error?.path == folder.file("empty"))
        #expect(leftOut.map(\.path) == [folder.file("empty/broken.png")])
    }
}

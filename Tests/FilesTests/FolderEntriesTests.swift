import Files
import Foundation
import TestSupport
import Testing

@Suite struct FolderEntriesTests {
    @Test func namesAreSortedByTheirBytes() throws {
        let folder = try TemporaryFolder()
        for name in ["b", "B", "a", ".hidden", "a b"] { try folder.file(name, holding: []) }
        #expect(try FolderEntries.names(in: folder.path) == [".hidden", "B", "a", "a b", "b"])
        let error = #expect(throws: FileError.self) { try FolderEntries.names(in: folder.file("none")) }
        #expect(error?.path == folder.file("none"))
    }

    @Test func linksAreWhatTheyLeadTo() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("real")
        for (link, target) in [("to-folder", "real"), ("to-nothing", "gone")] {
            try FileManager.default.createSymbolicLink(atPath: folder.file(link), withDestinationPath: target)
        }
        try folder.file("file", holding: [])
        #expect(FolderEntries.isFolder(folder.file("to-folder")) && !FolderEntries.isFolder(folder.file("file")))
        #expect(FolderEntries.exists(folder.file("file")) && !FolderEntries.exists(folder.file("to-nothing")))
    }
}

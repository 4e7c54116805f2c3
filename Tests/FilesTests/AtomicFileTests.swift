import Files
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFileTests {
    @Test func replacesAFileWhole() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("x.json", holding: Array("a long old text".utf8))
        try AtomicFile.write("new", to: path)
        #expect(try FileBytes.read(path) == Array("new".utf8))
        #expect(try folder.names == ["x.json"])
        let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        let mask = umask(0)
        umask(mask)
        #expect(permissions == 0o666 & ~Int(mask))
    }

    @Test func aFailedWriteLeavesTheOldFileAndNothingElse() throws {
        struct Interruption: Error {}
        let folder = try TemporaryFolder()
        let path = try folder.file("x.json", holding: Array("old".utf8))
        #expect(throws: Interruption.self) {
            try AtomicFile.replace(path) { file in
                try Array("half".utf8).withUnsafeBytes { try file.append($0) }
                throw Interruption()
            }
        }
        #expect(throws: Interruption.self) { try AtomicFile.replace(folder.file("never.json")) { _ in throw Interruption() } }
        #expect(try FileBytes.read(path) == Array("old".utf8))
        #expect(try folder.names == ["x.json"])
    }

    @Test func followsASymbolicLink() throws {
        let folder = try TemporaryFolder()
        let target = try folder.file("target.csv", holding: Array("old".utf8))
        try FileManager.default.createSymbolicLink(atPath: folder.file("link.csv"), withDestinationPath: "target.csv")
        try AtomicFile.write("new", to: folder.file("link.csv"))
        #expect(try FileBytes.read(target) == Array("new".utf8))
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link.csv")) == "target.csv")
    }

    @Test func devicesAreWrittenDirectly() throws {
        try AtomicFile.requireWritable("/dev/null")
        try AtomicFile.write("gone", to: "/dev/null")
        let error = #expect(throws: FileError.self) { try AtomicFile.write("too much", to: "/dev/full") }
        #expect(error?.description == "/dev/full: cannot write: No space left on device")
    }

    @Test func refusesPlacesThatCannotBeWritten() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("plain", holding: [1])
        for path in [folder.file("missing/x.png"), file + "/x.png", folder.path, folder.path + "/", "/proc/x.png", ""] {
            #expect(throws: FileError.self, "\(path)") { try AtomicFile.requireWritable(path) }
            #expect(throws: FileError.self, "\(path)") { try AtomicFile.write("x", to: path) }
        }
        try AtomicFile.requireWritable(folder.file("fine.png"))
        #expect(try folder.names == ["plain"])
    }

    @Test func aLongNameFits() throws {
        let folder = try TemporaryFolder()
        let name = String(repeating: "n", count: 251) + ".csv"
        try AtomicFile.write("x", to: folder.file(name))
        #expect(try folder.names == [name])
    }

    /// A file that is to survive a power cut is made in the folder that is named for it, and nowhere else.
    @Test func aDurableFileIsMadeInItsOwnPlace() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("new")
        let durability = AtomicFile.Durability(temporaryFolder: folder.file("new"))
        try AtomicFile.replace(folder.file("a"), durability) { file in
            try file.append("first")
            #expect(try FolderEntries.names(in: folder.file("new")).count == 1)
            #expect(try folder.names == ["new"])
        }
        #expect(try FileBytes.read(folder.file("a")) == Array("first".utf8))
        #expect(try folder.names == ["a", "new"])
        #expect(try FolderEntries.names(in: folder.file("new")).isEmpty)
        try AtomicFile.write(Array("second".utf8), to: folder.file("a"), AtomicFile.Durability())
        #expect(try FileBytes.read(folder.file("a")) == Array("second".utf8))
        let nowhere = AtomicFile.Durability(temporaryFolder: folder.file("none"))
        #expect(throws: FileError.self) { try AtomicFile.write([1], to: folder.file("a"), nowhere) }
        #expect(try FileBytes.read(folder.file("a")) == Array("second".utf8))
    }
}

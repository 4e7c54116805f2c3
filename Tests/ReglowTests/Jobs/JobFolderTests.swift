import Files
import Reglow
import TestSupport
import Testing

@Suite struct JobFolderTests {
    private static let identity = ["jobs": "/in", "recursive": "false"]

    private func open(
        _ path: String, _ identity: [String: String] = identity, shard: Shard = .whole, outputs: [String] = ["a.png"]
    ) throws -> JobFolder {
        try JobFolder(path, identity: identity, notes: ["arguments": "x"], shard: shard, outputs: outputs)
    }

    @Test func itKeepsWhoseItIs() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("out")
        #expect(try JobFolder.notes(of: path) == nil)
        _ = try open(path)
        _ = try open(path)
        #expect(try JobFolder.notes(of: path) == ["arguments": "x"])
        #expect {
            _ = try open(path, ["jobs": "/other", "recursive": "false"])
        } throws: {
            "\($0)".contains("holds the outputs of another job: jobs /in, not /other")
        }
        try folder.file("out/.reglow/job.json", holding: Array("{".utf8))
        #expect(throws: FileError.self) { try open(path) }
        try folder.file("out/.reglow/job.json", holding: Array(#"{"format":"x/9","version":"9","identity":{},"notes":{}}"#.utf8))
        #expect(throws: JobFolderError.format(folder: path, found: "x/9")) { try open(path) }
    }

    /// A file of somebody else is not overwritten.
    @Test func outputsThatAreThereBeforeTheJobAreRefused() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("out/a.png", holding: [1, 2, 3])
        #expect(throws: JobFolderError.foreignFile(path)) { try open(folder.file("out")) }
        #expect(try FileBytes.read(path) == [1, 2, 3])
    }

    @Test func itIsOpenOnce() throws {
        let folder = try TemporaryFolder()
        let first = try open(folder.file("out"))
        #expect(throws: JobFolderError.busy(folder: folder.file("out"), shard: .whole)) { try open(folder.file("out")) }
        #expect(first.path == folder.file("out"))
    }

    /// What a process left that was killed while it wrote is cleared away, but not what another shard is writing.
    @Test func unfinishedFilesOfTheShardAreRemoved() throws {
        let folder = try TemporaryFolder()
        try folder.file("out/.reglow/new/1-of-2/.reglow-abc", holding: [1])
        try folder.file("out/.reglow/new/2-of-2/.reglow-def", holding: [1])
        _ = try open(folder.file("out"), shard: try Shard(index: 0, count: 2))
        #expect(!FolderEntries.exists(folder.file("out/.reglow/new/1-of-2/.reglow-abc")))
        #expect(FolderEntries.exists(folder.file("out/.reglow/new/2-of-2/.reglow-def")))
    }

    @Test func shardsAreDividedOnce() throws {
        let folder = try TemporaryFolder()
        let shards = try (0 ..< 2).map { try open(folder.file("out"), shard: try Shard(index: $0, count: 2)) }
        let first = try shards[0].jobs(of: Shard(index: 0, count: 2), count: 6, key: { "k" }, costs: { [5, 1, 1, 1, 1, 1] })
        // The costs have changed since, and are not asked for again.
        let second = try shards[1].jobs(of: Shard(index: 1, count: 2), count: 6, key: { "k" }, costs: { [1, 1, 1, 1, 1, 5] })
        #expect((first + second).sorted() == Array(0 ..< 6))
        #expect(first == [0])
    }

    @Test func aFileInTheWayIsKeptUnderAnotherName() throws {
        let folder = try TemporaryFolder()
        let job = try open(folder.file("out"))
        for (number, name) in ["a.png.changed", "a.png.changed-2", "a.png.changed-3"].enumerated() {
            let path = try folder.file("out/a.png", holding: [UInt8(number)])
            #expect(try job.moveAside(path) == folder.file("out/" + name))
            #expect(try FileBytes.read(folder.file("out/" + name)) == [UInt8(number)])
        }
    }

    @Test func aFolderThatCannotBeMadeIsAnError() throws {
        let folder = try TemporaryFolder()
        try folder.file("file", holding: [1])
        #expect(throws: FileError.self) { try open(folder.file("file")) }
        #expect(throws: FileError.self) { try open(folder.file("file/out")) }
    }
}

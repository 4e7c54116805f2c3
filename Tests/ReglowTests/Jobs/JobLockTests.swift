import Files
import Reglow
import TestSupport
import Testing

/// Locks of one file that was opened twice exclude each other as those of two processes do.
@Suite struct JobLockTests {
    @Test func aShardIsDoneByOneAtATime() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("lock")
        var first: JobLock? = try JobLock(path, folder: "out", shard: .whole)
        #expect(throws: JobFolderError.busy(folder: "out", shard: .whole)) { try JobLock(path, folder: "out", shard: .whole) }
        try first?.withPlanning {}
        first = nil
        _ = try JobLock(path, folder: "out", shard: .whole)
    }

    @Test func shardsOfOneDivisionWorkTogether() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("lock")
        let locks = try (0 ..< 3).map { try JobLock(path, folder: "out", shard: Shard(index: $0, count: 3)) }
        for index in 0 ..< 3 {
            let shard = try Shard(index: index, count: 3)
            #expect(throws: JobFolderError.busy(folder: "out", shard: shard)) { try JobLock(path, folder: "out", shard: shard) }
        }
        // Another division would do the same images.
        for other in [Shard.whole, try Shard(index: 3, count: 4), try Shard(index: 0, count: 2)] {
            #expect(throws: JobFolderError.busy(folder: "out", shard: nil)) { try JobLock(path, folder: "out", shard: other) }
        }
        #expect(locks.count == 3)
    }

    @Test func whereNoFileCanBeItIsAnError() throws {
        let folder = try TemporaryFolder()
        #expect(throws: FileError.self) { try JobLock(folder.file("none/lock"), folder: "out", shard: .whole) }
    }
}

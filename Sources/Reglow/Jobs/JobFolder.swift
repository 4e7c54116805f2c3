import Files
import FoundationEssentials
import Glibc

/// The folder of a job's outputs: whose it is, and what is kept in it beside them, in the hidden folder `.reglow`:
///
///     job.json            what makes the job this one
///     lock                see `JobLock`
///     shards-N-...        which shard does which image (`ShardPlan`)
///     checkpoints/        states of unfinished images (`JobCheckpoint`)
///     new/I-of-N/         files that are being written by shard I
package final class JobFolder: Sendable {
    package static let hidden = ".reglow"

    package let path: String
    /// What asks for files that survive a power cut, and makes them in a place of this shard's own.
    package let durability: AtomicFile.Durability

    private let lock: JobLock?

    /// What is kept of a job.
    private struct Identity: Codable {
        var format = "reglow-job/1"
        var version = reglowVersion
        /// What makes the job this one.
        var identity: [String: String]
        /// What the caller wants to know of it later.
        var notes: [String: String]
    }

    /// Opens the folder for work on a shard: makes it where it is missing, checks that it is of this job, and locks it.
    ///
    /// - Parameters:
    ///   - identity: what makes the job this one.
    ///   - notes: what a later caller, who only knows the folder, is told of it.
    ///   - outputs: the names of the job's outputs; of a new job none may be there.
    /// - Throws: `JobFolderError`, `FileError`.
    package init(
        _ path: String, identity: [String: String], notes: [String: String] = [:], shard: Shard, outputs: some Sequence<String>
    ) throws {
        self.path = path
        try Self.requireOwn(path, identity, outputs)
        try Folder.create(path)
        let own = Folder.joined(path, Self.hidden)
        try Folder.create(own)
        let temporary = own + "/new/\(shard.index + 1)-of-\(shard.count)"
        durability = AtomicFile.Durability(temporaryFolder: temporary)
        let lock = try JobLock(own + "/lock", folder: path, shard: shard)
        self.lock = lock
        try Folder.create(temporary)
        try Folder.create(own + "/checkpoints")
        for file in try FolderEntries.names(in: temporary) { Self.remove(temporary + "/" + file) }
        try lock.withPlanning {
            // Again, now that nobody else can change it.
            try Self.requireOwn(path, identity, outputs)
            let file = own + "/job.json"
            guard !FolderEntries.exists(file) else { return }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try AtomicFile.write(Array(encoder.encode(Identity(identity: identity, notes: notes))), to: file, durability)
        }
    }

    /// - Throws: `JobFolderError` for a folder of another job, or one of none that has files with the names of outputs.
    private static func requireOwn(_ path: String, _ identity: [String: String], _ outputs: some Sequence<String>) throws {
        if let known = try Self.identity(path) {
            let differences = RestorationSettings.differences(known.identity, wanted: identity)
            guard differences.isEmpty else { throw JobFolderError.otherJob(folder: path, differences: differences) }
        } else if FolderEntries.isFolder(path) {
            for output in outputs where FolderEntries.exists(Folder.joined(path, output)) {
                throw JobFolderError.foreignFile(Folder.joined(path, output))
            }
        }
    }

    /// The job of a folder and what was noted of it; nil where it is of none.
    ///
    /// - Throws: `JobFolderError`, `FileError`.
    package static func notes(of path: String) throws -> [String: String]? { try identity(path)?.notes }

    private static func identity(_ path: String) throws -> Identity? {
        let file = Folder.joined(path, hidden) + "/job.json"
        guard FolderEntries.exists(file) else { return nil }
        guard let known = try? JSONDecoder().decode(Identity.self, from: Data(FileBytes.read(file))) else {
            throw FileError(path: file, reason: "is damaged: the job of this folder is not known")
        }
        guard known.format == Identity(identity: [:], notes: [:]).format else {
            throw JobFolderError.format(folder: path, found: known.format)
        }
        return known
    }

    package func path(of output: String) -> String { Folder.joined(path, output) }

    /// Where the state of an unfinished image is kept.
    package func checkpoint(of output: String) -> String {
        let name = SHA256.hexDigest(of: PathName.bytes(of: output)).prefix(32)
        return Folder.joined(path, Self.hidden) + "/checkpoints/\(name).safetensors"
    }

    package static func remove(_ path: String) { _ = PathName.withSystemPath(path) { unlink($0) } }

    /// Which images of a list are the shard's.
    ///
    /// - Parameters:
    ///   - key: of the list: other lists have plans of their own.
    ///   - costs: of the images; asked for where there is no plan yet.
    /// - Throws: `FileError`.
    package func jobs(of shard: Shard, count: Int, key: () -> String, costs: () -> [Double]) throws -> [Int] {
        guard shard.count > 1, let lock else { return Array(0 ..< count) }
        let file = Folder.joined(path, Self.hidden) + "/shards-\(shard.count)-\(key().prefix(16))"
        let plan = try lock.withPlanning {
            if let plan = try ShardPlan.read(file, jobs: count, count: shard.count) { return plan }
            let plan = ShardPlan(costs: costs(), count: shard.count)
            try plan.write(to: file, durability)
            return plan
        }
        return plan.shards.indices.filter { plan.shards[$0] == shard.index }
    }

    /// Moves a file that is no output of this job, although it has its name, out of the way.
    ///
    /// - Returns: its new path.
    /// - Throws: `FileError`.
    package func moveAside(_ file: String) throws -> String {
        var target = file + ".changed"
        var number = 1
        while FolderEntries.exists(target) {
            number += 1
            target = file + ".changed-\(number)"
        }
        let isMoved = PathName.withSystemPath(file) { from in PathName.withSystemPath(target) { rename(from, $0) == 0 } }
        guard isMoved else { throw FileError(path: file, failedTo: "move") }
        return target
    }
}

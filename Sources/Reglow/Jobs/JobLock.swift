import Files
import Glibc

/// The right to work on a shard of a job's folder, for as long as the object lives. The system takes it back when the process ends, however it
/// ends, and on shared file systems from a machine that is gone.
///
/// It is made of locks on bytes of one file (POSIX record locks of the open file, which NFS and Lustre pass on): byte 0 is held while
/// somebody looks or plans, byte N by all who divide the job by N, and byte 2^30 + I by whoever does shard I.
package final class JobLock: Sendable {
    private let file: Int32
    private let path: String

    private static let firstShard = 1 << 30

    /// Self.getLock, F_OFD_SETLK and F_OFD_SETLKW of Linux, which glibc shows to GNU sources only.
    private static let (getLock, setLock, setLockAndWait) = (Int32(36), Int32(37), Int32(38))

    /// - Parameter folder: the job's, for messages.
    /// - Throws: `JobFolderError.busy` where somebody else does this shard, or another division of the job; `FileError`.
    package init(_ path: String, folder: String, shard: Shard) throws {
        self.path = path
        file = PathName.withSystemPath(path) { open($0, O_RDWR | O_CREAT | O_CLOEXEC, 0o666) }
        guard file >= 0 else { throw FileError(path: path, failedTo: "write") }
        // What is thrown from here on ends in `deinit`, which closes the file.
        try withPlanning {
            let others = [1 ..< shard.count, shard.count + 1 ..< Self.firstShard]
            for bytes in others where !bytes.isEmpty {
                guard try isFree(bytes) else { throw JobFolderError.busy(folder: folder, shard: nil) }
            }
            guard try take(F_RDLCK, shard.count ..< shard.count + 1, waits: false) else {
                throw JobFolderError.busy(folder: folder, shard: nil)
            }
            let place = Self.firstShard + shard.index
            guard try take(F_WRLCK, place ..< place + 1, waits: false) else {
                throw JobFolderError.busy(folder: folder, shard: shard)
            }
        }
    }

    deinit { if file >= 0 { close(file) } }

    /// Runs `body` while no other process does.
    package func withPlanning<Result>(_ body: () throws -> Result) throws -> Result {
        _ = try take(F_WRLCK, 0 ..< 1, waits: true)
        defer { _ = try? take(F_UNLCK, 0 ..< 1, waits: false) }
        return try body()
    }

    private func request(_ kind: Int32, _ bytes: Range<Int>) -> flock {
        var request = flock()
        request.l_type = Int16(kind)
        request.l_whence = Int16(SEEK_SET)
        request.l_start = off_t(bytes.lowerBound)
        request.l_len = off_t(bytes.count)
        return request
    }

    /// Whether it was taken.
    private func take(_ kind: Int32, _ bytes: Range<Int>, waits: Bool) throws -> Bool {
        var request = request(kind, bytes)
        while fcntl(file, waits ? Self.setLockAndWait : Self.setLock, &request) != 0 {
            if errno == EINTR { continue }
            if !waits, errno == EAGAIN || errno == EACCES { return false }
            throw FileError(path: path, failedTo: "lock")
        }
        return true
    }

    private func isFree(_ bytes: Range<Int>) throws -> Bool {
        var request = request(F_WRLCK, bytes)
        guard fcntl(file, Self.getLock, &request) == 0 else { throw FileError(path: path, failedTo: "lock") }
        return request.l_type == Int16(F_UNLCK)
    }
}

/// A folder that is not for this job, or not now.
public enum JobFolderError: ReglowError, Equatable {
    /// Another process does this shard, or for nil divides the job in another way.
    case busy(folder: String, shard: Shard?)
    /// The folder holds the outputs of another job, which differs in this.
    case otherJob(folder: String, differences: [String])
    /// An output of the folder was made with other options.
    case otherOptions(output: String, differences: [String])
    /// A file that has the name of an output, and is none of this job.
    case foreignFile(String)
    /// The folder was made by a version that kept other things in it.
    case format(folder: String, found: String)
    /// Two images of a job that would become one file.
    case sameOutput(String, inputs: [String])
    /// A name that no output may have, with what is wrong with it.
    case outputName(String, String)

    public var category: ReglowErrorCategory {
        switch self {
        case .busy(let folder, _), .otherJob(let folder, _), .format(let folder, _): .file(path: folder)
        case .otherOptions(let path, _), .foreignFile(let path), .sameOutput(let path, _), .outputName(let path, _): .file(path: path)
        }
    }

    public var description: String {
        switch self {
        case .busy(let folder, nil):
            "\(PathName.shown(folder)): another process works on it, with another number of shards"
        case .busy(let folder, let shard?):
            "\(PathName.shown(folder)): another process works on it" + (shard.count > 1 ? ", on shard \(shard) too" : "")
        case .otherJob(let folder, let differences):
            "\(PathName.shown(folder)): holds the outputs of another job: \(differences.joined(separator: ", ")); give another folder"
        case .otherOptions(let output, let differences):
            "\(PathName.shown(output)): was restored in another way: \(differences.joined(separator: ", ")); give another folder"
        case .foreignFile(let path):
            "\(PathName.shown(path)): is there already, and not of this job; give another folder"
        case .format(let folder, let found):
            "\(PathName.shown(folder)): its job is kept as '\(found)', which this version does not know; give another folder"
        case .sameOutput(let output, let inputs):
            "\(inputs.map(PathName.shown).joined(separator: " and ")) would both become \(PathName.shown(output))"
        case .outputName(let name, let fault): "the output '\(PathName.shown(name))' \(fault)"
        }
    }
}

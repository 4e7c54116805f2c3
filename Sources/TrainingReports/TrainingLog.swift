import Files
import FoundationEssentials
import Glibc

/// The log of a training: a file of JSON lines, one `TrainingRecord` each, in the order of their steps.
///
/// A record is appended whole and synchronized to disk before `append` returns, so after a kill the file lacks at most the end
/// of its last line. `init(continuing:upTo:)` cuts that off.
package final class TrainingLog {
    package let path: String

    /// All records of the file.
    package private(set) var records: [TrainingRecord]

    private let file: Int32

    /// Begins an empty log; a file of that name is emptied.
    ///
    /// - Throws: `FileError` when it cannot be written.
    package init(beginning path: String) throws {
        try AtomicFile.write("", to: path)
        self.path = path
        records = []
        file = try Self.open(path)
    }

    /// Goes on with the log of a training that is resumed at `step`.
    ///
    /// Records of later steps are cut off, they will come again; so is a last line that is not complete. A missing file is begun.
    ///
    /// - Throws: `FileError` that names the file, and the line that is no record of a later step than the one before.
    package init(continuing path: String, upTo step: Int) throws {
        let bytes = access(path, F_OK) == 0 ? try FileBytes.read(path) : []
        var records: [TrainingRecord] = []
        var kept = 0
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What follows the last line feed is no complete line.
        for (index, line) in lines.dropLast().enumerated() {
            guard let record = try? JSONDecoder().decode(TrainingRecord.self, from: Data(line)),
                record.step > records.last?.step ?? -1
            else {
                throw FileError(path: path, reason: "line \(index + 1) is not the next record of a training")
            }
            if record.step > step { break }
            records.append(record)
            kept += line.count + 1
        }
        self.path = path
        self.records = records
        file = try Self.open(path)
        guard ftruncate(file, off_t(kept)) == 0, fsync(file) == 0 else { throw Self.error(path) }
    }

    deinit { close(file) }

    /// - Throws: `FileError` when the record cannot be written to the disk.
    package func append(_ record: TrainingRecord) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var line = try encoder.encode(record)
        line.append(UInt8(ascii: "\n"))
        try line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Self.error(path) }
                rest = rest.dropFirst(count)
            }
        }
        // A pipe or a device cannot be synchronized, which is no failure.
        guard fsync(file) == 0 || errno == EINVAL else { throw Self.error(path) }
        records.append(record)
    }

    private static func open(_ path: String) throws -> Int32 {
        let file = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw error(path) }
        return file
    }

    private static func error(_ path: String) -> FileError {
        FileError(path: path, reason: "cannot write: \(String(cString: strerror(errno)))")
    }
}

import Files
import InverseSolvers
import KernelInterface
import Synchronization

/// What a folder has of a job's images already.
package struct JobScan {
    package enum State: UInt8 {
        case todo, done, failed
    }

    private let list: JobList
    private let folder: String
    /// The options and their hash of each settings.
    private let options: [[String: String]]
    private let digests: [String]

    /// - Throws: `FileError` that names a prior or a mask.
    package init(_ list: JobList, folder: String) throws {
        self.list = list
        self.folder = folder
        var hashes: [String: String] = [:]
        options = try list.settings.map { settings in
            try settings.options { path in
                if let known = hashes[path] { return known }
                let hash = try SHA256.hexDigest(ofFile: path).digest
                hashes[path] = hash
                return hash
            }
        }
        digests = options.map { RestorationSettings.digest(of: $0) }
    }

    /// What decides the result of an image but its input, and its hash.
    ///
    /// - Throws: `FileError` that names the mask of the image.
    package func options(of index: Int) throws -> (options: [String: String], digest: String) {
        let job = list.jobs[index]
        let settings = list.settingsIndex(index)
        guard job.mask != nil || job.seed != nil else { return (options[settings], digests[settings]) }
        var own = options[settings]
        if let mask = job.mask { own["mask"] = try SHA256.hexDigest(ofFile: mask).digest }
        if let seed = job.seed { own["seed"] = "\(seed)" }
        return (own, RestorationSettings.digest(of: own))
    }

    /// The state of an image, with what is to be told of it, and a file that is in its way although its record is of another.
    ///
    /// What a record says is checked: the hash of the output, and that of the input, where that is there still.
    ///
    /// - Throws: `JobFolderError.otherOptions` for an output that was made in another way.
    package func state(of index: Int) throws -> (state: State, note: String?, obstacle: String?) {
        let output = Folder.joined(folder, list.jobs[index].output)
        let (stored, isDamaged) = StoredRecord.read(JobRecord.path(of: output))
        guard let stored else { return (.todo, isDamaged ? "its record is damaged: restored again" : nil, nil) }
        // A mask that is gone is found out when the image is read; by then its record knows no options.
        if stored.status == .failed, stored.job.isEmpty { return (.failed, nil, nil) }
        guard let (wanted, digest) = try? options(of: index) else { return (.todo, nil, nil) }
        guard stored.job == digest else {
            throw JobFolderError.otherOptions(
                output: output, differences: RestorationSettings.differences(stored.options, wanted: wanted))
        }
        if stored.status == .failed { return (.failed, nil, nil) }
        guard FolderEntries.exists(output) else { return (.todo, "is gone: restored again", nil) }
        guard let found = try? SHA256.hexDigest(ofFile: output), found.digest == stored.outputSha256 else {
            return (.todo, "is not what its record says: restored again", output)
        }
        if let known = stored.inputSha256, let input = try? SHA256.hexDigest(ofFile: list.jobs[index].input), input.digest != known {
            return (.todo, "its input has changed: restored again", nil)
        }
        return (.done, nil, nil)
    }

    /// The states of some images, looked at by so many threads, in their order.
    ///
    /// - Throws: the first error of `state(of:)`, by the order of the images.
    package func states(of indices: [Int], threads: Int) throws -> [(state: State, note: String?, obstacle: String?)] {
        let found = Mutex<[Int: (note: String?, obstacle: String?)]>([:])
        let errors = Mutex<[Int: any Error]>([:])
        var states = [UInt8](repeating: 0, count: indices.count)
        states.withUnsafeMutableBufferPointer { states in
            nonisolated(unsafe) let states = states
            let block = 64
            Parallelism(threads: threads).forEach((indices.count + block - 1) / block, .setup) { task, _ in
                for place in task * block ..< min((task + 1) * block, indices.count) {
                    do {
                        let (state, note, obstacle) = try self.state(of: indices[place])
                        states[place] = state.rawValue
                        if note != nil { found.withLock { $0[place] = (note, obstacle) } }
                    } catch {
                        errors.withLock { $0[place] = error }
                    }
                }
            }
        }
        if let first = errors.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
        let notes = found.withLock { $0 }
        return indices.indices.map {
            (State(rawValue: states[$0]) ?? .todo, notes[$0]?.note, notes[$0]?.obstacle)
        }
    }
}

import Files
import Imaging
import KernelInterface

/// The images of a folder that are fit to train with, in the order of `ImageFolder`.
///
/// All are decoded once, so a damaged file is found before the training and not in its third night. They stay in memory as
/// bytes until `memoryLimit` is reached; the others are decoded again whenever they are asked for. What an image gives does
/// not depend on that.
package struct ImageCorpus: Sendable {
    /// Bytes of memory for images when nothing else is said: 1,400 photographs of a megapixel.
    package static let defaultMemoryLimit = 1 << 32

    package let folder: String

    /// No side of an image is shorter.
    package let smallestSide: Int

    /// The quality that JPEG files were saved with, where what it added is taken away (`JPEGReapplication`).
    package let jpegQuality: Int?

    static let jpegQualityBounds = 1 ... 100

    private let entries: [Entry]

    private struct Entry: Sendable {
        let path: String
        let height: Int
        let width: Int
        /// nil when the file is decoded at each use.
        let image: ColourBytes?
    }

    /// Reads the folder.
    ///
    /// - Parameters:
    ///   - smallestSide: images with a shorter side are left out.
    ///   - jpegQuality: with which the files named .jpg or .jpeg were saved, to take away what JPEG added to them; nil leaves it.
    ///   - warn: is told of each image that is left out, and why; in the order of the images.
    /// - Throws: `FileError` that names the folder when it cannot be read or no image of it can be used; `TrainingOptionError` for a
    ///   quality out of bounds.
    package init(
        folder: String, smallestSide: Int, jpegQuality: Int? = nil, memoryLimit: Int = defaultMemoryLimit,
        parallelism: Parallelism, warn: (FileError) -> Void
    ) throws {
        if let jpegQuality, !Self.jpegQualityBounds.contains(jpegQuality) {
            throw TrainingOptionError("the quality of JPEG files is \(jpegQuality), but must be from 1 to 100")
        }
        let paths = try ImageFolder.paths(in: folder)
        var entries: [Entry] = []
        var free = memoryLimit
        // As many at a time as there are threads: a decoded photograph takes more memory as floats than as bytes.
        for first in stride(from: 0, to: paths.count, by: 2 * parallelism.threads) {
            let part = paths[first ..< min(first + 2 * parallelism.threads, paths.count)]
            for (path, result) in zip(part, Self.read(Array(part), smallestSide, jpegQuality, parallelism)) {
                switch result {
                case .success(let image):
                    let isHeld = image.samples.count <= free
                    if isHeld { free -= image.samples.count }
                    entries.append(
                        Entry(path: path, height: image.height, width: image.width, image: isHeld ? image : nil))
                case .failure(let error):
                    warn(error)
                }
            }
        }
        guard !entries.isEmpty else {
            throw FileError(path: folder, reason: "none of its \(paths.count) images can be used")
        }
        self.folder = folder
        self.smallestSide = smallestSide
        self.jpegQuality = jpegQuality
        self.entries = entries
    }

    package var count: Int { entries.count }

    /// How many of the images are in memory.
    package var heldCount: Int { entries.lazy.filter { $0.image != nil }.count }

    package func path(of index: Int) -> String { entries[index].path }

    func size(of index: Int) -> (height: Int, width: Int) { (entries[index].height, entries[index].width) }

    /// - Throws: `FileError` when the file has changed since the corpus was made, and can no longer be used as it was.
    package func image(_ index: Int) throws -> ColourBytes {
        let entry = entries[index]
        if let image = entry.image { return image }
        let image = try Self.read(entry.path, smallestSide, jpegQuality)
        guard image.height == entry.height, image.width == entry.width else {
            throw FileError(path: entry.path, reason: "the file has changed while it was trained with")
        }
        return image
    }

    /// A number that changes when an image comes, goes, or changes in name or size: FNV-1a of names under the folder and sizes.
    package var fingerprint: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for entry in entries {
            let text = entry.path.dropFirst(folder.count).drop { $0 == "/" } + "\n\(entry.height)x\(entry.width)\n"
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return hash
    }

    /// One result for each path, read by all threads.
    private static func read(
        _ paths: [String], _ smallestSide: Int, _ jpegQuality: Int?, _ parallelism: Parallelism
    ) -> [Result<ColourBytes, FileError>] {
        var results = paths.map { Result<ColourBytes, FileError>.failure(FileError(path: $0, reason: "was not read")) }
        results.withUnsafeMutableBufferPointer { results in
            parallelism.forEach(paths.count) { task, _ in
                results[task] = Result { () throws(FileError) in try read(paths[task], smallestSide, jpegQuality) }
            }
        }
        return results
    }

    private static func read(_ path: String, _ smallestSide: Int, _ jpegQuality: Int?) throws(FileError) -> ColourBytes {
        do {
            var decoded = try ImageFile.read(path).image
            let name = path.lowercased()
            if let jpegQuality, name.hasSuffix(".jpg") || name.hasSuffix(".jpeg") {
                decoded = try JPEGReapplication.applied(to: decoded, quality: jpegQuality, path: path)
            }
            let image = try ColourBytes(decoded)
            guard image.shortSide >= smallestSide else {
                throw FileError(
                    path: path, reason: "is \(image.height)x\(image.width), smaller than a crop of \(smallestSide)x\(smallestSide)")
            }
            return image
        } catch let error as FileError {
            throw error
        } catch {
            throw FileError(path: path, reason: "\(error)")
        }
    }
}

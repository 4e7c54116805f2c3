import ArgumentParser
import Reglow

/// The files that a call writes, checked before any work: no two are the same, and none is one that the call reads.
enum OutputFiles {
    /// - Parameters:
    ///   - outputs: options with their paths; nil and `-` are left out.
    ///   - inputs: paths that are read.
    /// - Throws: `ValidationError` where two are the same file.
    static func requireDistinct(_ outputs: [(option: String, path: String?)], inputs: [String?]) throws {
        let sources = Set(inputs.compactMap { $0 }.map(identity))
        var taken: [String: String] = [:]
        for case (let option, let path?) in outputs where path != "-" {
            let identity = identity(path)
            try require(!sources.contains(identity), "\(option) \(path) is also an input, which would be overwritten")
            if let other = taken.updateValue(option, forKey: identity) {
                throw ValidationError(other == option ? "two outputs are \(path)" : "\(other) and \(option) are both \(path)")
            }
        }
    }

    /// The endings that images are written with.
    static func requireImageName(_ option: String, _ path: String, _ allowed: [String] = ["png", "npy"]) throws {
        try require(
            allowed.contains(fileExtension(of: path)),
            "\(option) \(path) must end in \(allowed.map { "." + $0 }.joined(separator: " or "))")
    }

    /// The same for all names of one file, whether it exists or not.
    private static func identity(_ path: String) -> String {
        realPath(path) ?? realPath(folder(of: path)).map { Folder.joined($0, fileName(of: path)) } ?? path
    }
}

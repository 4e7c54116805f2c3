import ArgumentParser
import Glibc
import Reglow

/// The files that a call writes, checked before any work: no two are the same, and none is one that the call reads.
enum OutputFiles {
    /// - Parameters:
    ///   - outputs: options with their paths; nil is left out, `-` is standard output.
    ///   - inputs: paths that are read; `-` is standard input.
    /// - Throws: `ValidationError` where two outputs are the same file or one is an input, and where standard input or output is used
    ///   twice.
    static func requireDistinct(_ outputs: [(option: String, path: String?)], inputs: [String?]) throws {
        try require(
            inputs.filter { $0 == standardStream }.count <= 1, "two inputs are -, but standard input can be read only once")
        let toStream = outputs.filter { $0.path == standardStream }.map(\.option)
        try require(toStream.count <= 1, "\(toStream.joined(separator: " and ")) are both -, which is standard output")
        let sources = Set(inputs.compactMap { $0 }.filter { $0 != standardStream }.map(identity))
        var taken: [[UInt8]: String] = [:]
        for case (let option, let path?) in outputs where path != standardStream {
            let identity = identity(path)
            try require(!sources.contains(identity), "\(option) \(path) is also an input, which would be overwritten")
            if let other = taken.updateValue(option, forKey: identity) {
                throw ValidationError(other == option ? "two outputs are \(path)" : "\(other) and \(option) are both \(path)")
            }
        }
    }

    /// The endings that images are written with; standard output needs none, but it must not be a terminal.
    static func requireImageName(_ option: String, _ path: String, _ allowed: [ImageFormat] = [.png, .tiff, .numPy]) throws {
        if path == standardStream {
            return try require(isatty(STDOUT_FILENO) == 0, "\(option) - would write an image to the terminal: send it to a file or a pipe")
        }
        try requireEnding(option, path, allowed.flatMap(\.endings))
    }

    /// The endings that a file may have.
    static func requireEnding(_ option: String, _ path: String, _ allowed: [String]) throws {
        try require(
            allowed.contains(fileExtension(of: path)),
            "\(option) \(path) must end in \(allowed.map { "." + $0 }.joined(separator: " or "))")
    }

    /// The same bytes for all names of one file, whether it exists or not. Strings would do for other alphabets only: Swift takes names
    /// that differ in how an accent is coded for equal, and the file system does not.
    private static func identity(_ path: String) -> [UInt8] {
        let real = realPath(path) ?? realPath(folder(of: path)).map { Folder.joined($0, fileName(of: path)) } ?? path
        return PathName.bytes(of: real)
    }
}

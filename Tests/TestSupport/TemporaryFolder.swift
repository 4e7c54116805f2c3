import Foundation

/// A folder for the files of one test, removed with the object.
package final class TemporaryFolder {
    package let path: String

    package init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "reglow-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file of this name, which may be there or not.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a file of these bytes, with the folders above it, and returns its path.
    @discardableResult
    package func file(_ name: String, holding bytes: some Sequence<UInt8>) throws -> String {
        let url = URL(fileURLWithPath: file(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return url.path
    }

    package func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
    }

    /// The names in the folder, hidden ones too.
    package var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }
}

/// The folders of the package, from where this file is.
package enum PackageFolder {
    package static func path(_ relative: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../\(relative)").standardizedFileURL.path
    }
}

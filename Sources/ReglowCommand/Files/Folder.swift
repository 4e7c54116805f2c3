import Reglow

extension Folder {
    /// The images of a folder, by the endings of their names.
    ///
    /// - Throws: `FileError` when the folder cannot be read or holds no image.
    static func images(in path: String) throws -> [String] {
        try FolderContents(of: path).requiringImages().images.map(\.path)
    }
}

extension FolderContents {
    /// - Throws: `FileError` when there is no image.
    func requiringImages() throws -> FolderContents {
        guard images.isEmpty else { return self }
        let endings = ImageFormat.readEndings.map { "." + $0 }.joined(separator: ", ")
        throw FileError(path: folder, reason: "has no image (\(endings))" + (summary.map { "; \($0)" } ?? ""))
    }
}

import Reglow

/// A folder of truths, each the image that has the name of its measurement.
struct TruthFolder {
    private let path: String
    private let images: [String: [FolderContents.Image]]

    /// - Throws: `FileError` when the folder cannot be read or holds no image.
    init(_ path: String, isRecursive: Bool) throws {
        self.path = path
        images = Dictionary(
            grouping: try FolderContents(of: path, isRecursive: isRecursive).requiringImages().images, by: \.relativeName)
    }

    /// The path of the truth of a measurement.
    ///
    /// - Throws: `FileError` where there is none, or several.
    func truth(of measurement: FolderContents.Image) throws -> String {
        let found = images[measurement.relativeName] ?? []
        if found.count == 1 { return found[0].path }
        let fault = found.isEmpty ? "has no image" : "has several images"
        throw FileError(path: path, reason: "\(fault) of the name \(measurement.relativeName), the truth of \(measurement.path)")
    }
}

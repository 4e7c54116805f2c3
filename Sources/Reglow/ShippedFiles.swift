import CPUFeatures
import Files
import Glibc

/// The files that come with the command and the library: priors and the example image.
///
/// An installed command has them in share/reglow beside its bin folder, a library in share/reglow beside its lib folder or the one above that. What
/// was built inside the package finds the package's folders: those beside the first Package.swift above it.
package enum ShippedFiles {
    /// The prior of all subcommands that are not told another one.
    package static var defaultPrior: String { environmentPrior ?? facePrior }
    /// The prior that the user has named for everything that is not told another one, by the environment variable REGLOW_PRIOR: a shipped name or
    /// the path of a model file; nil where it is not set.
    package static var environmentPrior: String? {
        getenv(environmentVariable).map { PathName.decode(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    /// The name of that variable.
    package static let environmentVariable = "REGLOW_PRIOR"
    /// The prior of aligned faces.
    package static let facePrior = "faces64"
    /// The prior of pictures that are no aligned faces.
    package static let photographPrior = "photos"
    /// The prior of noisy pictures that are no aligned faces: it denoises in closed form, and restores by splitting (`HalfQuadraticSplitting`).
    package static let noisyPhotographPrior = "noisy-photos"

    /// The priors that are taken where none is named.
    package static var standardPriors: [String] { environmentPrior.map { [$0] } ?? [facePrior, photographPrior, noisyPhotographPrior] }

    /// The size of the aligned faces that the default prior knows.
    package static let faceSize = Problem.ImageSize(height: 64, width: 64)

    /// The prior that fits images of this size best, or the one that the user has named for all.
    ///
    /// - Parameter minimizes: whether it is to be the prior of an objective, for a minimizer that was asked for, a search for lambda or the maps themselves.
    package static func prior(for size: Problem.ImageSize, minimizes: Bool) -> String {
        environmentPrior ?? (size == faceSize ? facePrior : minimizes ? photographPrior : noisyPhotographPrior)
    }

    /// The image of the demo: a photograph for a prior of photographs, by its name or by the path of a file of that name, else a face.
    package static func exampleImage(prior: String) -> String {
        let file = fileName(of: prior)
        let isOfPhotographs = [photographPrior, noisyPhotographPrior].contains { file == $0 || file == $0 + modelExtension }
        return isOfPhotographs ? "astronaut-256.png" : "astronaut-face-64.png"
    }

    private static let modelExtension = ".safetensors"

    /// Name and path of each shipped prior, sorted by name. The name is that of the file without its extension.
    package static func priors() -> [(name: String, path: String)] {
        guard let folder = find(installed: "models", package: "Models"), let files = try? Folder.files(in: folder) else {
            return []
        }
        return files.filter { $0.hasSuffix(modelExtension) }.map { path in
            (String(fileName(of: path).dropLast(modelExtension.count)), path)
        }.sorted { $0.0 < $1.0 }
    }

    /// The model file of a shipped prior, else the path itself.
    ///
    /// - Throws: `FileError` with the names of the shipped priors where there is neither.
    package static func priorPath(_ nameOrPath: String) throws -> String {
        let priors = priors()
        if let prior = priors.first(where: { $0.name == nameOrPath }) { return prior.path }
        if FolderEntries.exists(nameOrPath) { return nameOrPath }
        let names = priors.isEmpty ? "none" : priors.map(\.name).joined(separator: ", ")
        let near = NearestWord.to(nameOrPath, among: priors.map(\.name)).map { ". Did you mean '\($0)'?" } ?? ""
        throw FileError(
            path: nameOrPath.isEmpty ? "a prior without a name" : nameOrPath,
            reason: "is neither a model file nor a shipped prior (shipped: \(names))\(near)")
    }

    /// - Throws: `FileError` where the example image was not installed.
    package static func exampleImagePath(prior: String) throws -> String {
        let name = exampleImage(prior: prior)
        guard let folder = find(installed: "examples", package: "Examples") else {
            throw FileError(path: name, reason: "the example image is not installed; give an image")
        }
        return folder + "/" + name
    }

    private static func find(installed: String, package: String) -> String? {
        guard var place = program().map(folder(of:)) else { return nil }
        // Debian has libraries in lib/x86_64-linux-gnu.
        for prefix in [folder(of: place), folder(of: folder(of: place))] {
            let shared = (prefix == "/" ? "" : prefix) + "/share/reglow/" + installed
            if Folder.exists(shared) { return shared }
        }
        while place != "/" {
            place = folder(of: place)
            if FolderEntries.exists(place + "/Package.swift") {
                let path = place + "/" + package
                return Folder.exists(path) ? path : nil
            }
        }
        return nil
    }

    /// The shared library that this code is in, or the executable.
    private static func program() -> String? {
        if let name = reglow_own_file().map({ PathName.decode(cString: $0) }), fileName(of: name).contains(".so"), let path = realPath(name)
        {
            return path
        }
        return realPath("/proc/self/exe")
    }
}

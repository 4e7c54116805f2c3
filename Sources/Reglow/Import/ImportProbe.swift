import Files
import Glibc
import GlowModel
import Imaging
import KernelInterface

/// Images that a model was trained on, or such as those, which show how its checkpoint is to be read.
///
/// They are taken as they are, in the size of the training, with the noise that the families train with: of the pixel value u
///
///     floor(255 u / 2^(8-n)) / 2^n + U(0, 2^-n),    n bits
public struct ImportProbe: Sendable {
    /// The images that are used, at most; each costs one pass for every reading of the checkpoint.
    public static let mostImages = 64

    package let images: [Image]
    package let noiseLevels: Int?

    /// - Parameters:
    ///   - images: grey or colour; of more than `mostImages` those at even distances are taken.
    ///   - noiseLevels: n, from 1 to 8; nil is what the configuration says, or what the family trains with.
    public init(images: [Image], noiseLevels: Int? = nil) {
        let most = min(images.count, Self.mostImages)
        self.images = (0 ..< most).map { images[$0 * images.count / most] }
        self.noiseLevels = noiseLevels.map { min(8, max(1, $0)) }
    }

    /// The images that lie in a folder, sorted by name; of more than `mostImages` those at even distances are read.
    ///
    /// - Parameters:
    ///   - folder: PNG, JPEG, TIFF, WebP and .npy files; folders in it are not entered.
    ///   - noiseLevels: as above.
    /// - Throws: `FileError` for a folder that cannot be read or holds no image, and for a file that is no image.
    public init(folder: String, noiseLevels: Int? = nil) throws {
        try self.init(folder: folder, noiseLevels: noiseLevels, notes: Notes())
    }

    /// - Parameter notes: are told what was changed in reading.
    package init(folder: String, noiseLevels: Int?, notes: Notes) throws {
        let paths = try Folder.files(in: folder).filter { path in
            ImageFormat(ending: fileExtension(of: path)) != nil && !FolderEntries.isFolder(path)
        }
        guard !paths.isEmpty else {
            let endings = ImageFormat.readEndings.map { "." + $0 }.joined(separator: ", ")
            throw FileError(path: folder, reason: "has no image (\(endings))")
        }
        try self.init(paths: paths, noiseLevels: noiseLevels, notes: notes)
    }

    /// The images of these files, of more than `mostImages` those at even distances.
    package init(paths: [String], noiseLevels: Int?, notes: Notes) throws {
        let most = min(paths.count, Self.mostImages)
        let images = try (0 ..< most).map { try readImage(paths[$0 * paths.count / most], notes) }
        self.init(images: images, noiseLevels: noiseLevels)
    }
}

/// The probe's images for one model, in its range and by their sizes.
package struct PreparedProbe: Sendable {
    package struct Group: Sendable {
        package let shape: ImageShape
        package var images: [[Float]]
    }

    package let groups: [Group]
    let bits: Int
    /// How many images do not fit the model.
    let leftOut: Int

    var count: Int { groups.reduce(0) { $0 + $1.images.count } }

    /// - Parameter size: the size of the training, where it is known.
    /// - Throws: `FileError` that names the checkpoint where no image fits.
    package init(
        _ probe: ImportProbe, _ architecture: GlowArchitecture, size: (height: Int, width: Int)?, bits: Int, path: String
    ) throws {
        var groups: [ImageShape: Group] = [:]
        var leftOut = 0
        for (index, image) in probe.images.enumerated() {
            let (height, width) = (image.shape.height, image.shape.width)
            guard architecture.isValid(height: height, width: width), size == nil || size ?? (0, 0) == (height, width) else {
                leftOut += 1
                continue
            }
            let converted = try image.converted(toChannels: architecture.imageChannels)
            let values = Self.dequantized(converted.pixels, bits: bits, index: index)
            groups[converted.shape, default: Group(shape: converted.shape, images: [])].images.append(values)
        }
        self.groups = groups.values.sorted { ($0.shape.height, $0.shape.width) < ($1.shape.height, $1.shape.width) }
        self.bits = bits
        self.leftOut = leftOut
        guard !groups.isEmpty else {
            let wanted =
                size.map { "of \($0.height)x\($0.width)" } ?? "whose sides are multiples of \(architecture.sizeMultiple)"
            throw FileError(path: path, reason: "the probe has no image \(wanted), which the model takes")
        }
    }

    private static func dequantized(_ pixels: [Float], bits: Int, index: Int) -> [Float] {
        var generator = SeededGenerator(seed: 0, stream: .validationNoise, index: UInt64(index))
        let step = Float(1 << (8 - bits))
        let levels = Float(1 << bits)
        return pixels.map { pixel in
            let byte = (255 * min(1, max(0, pixel))).rounded()
            return ((byte / step).rounded(.down) + Float(generator.nextUniform())) / levels - 0.5
        }
    }

    /// Bits per dimension of each image, from its density.
    func bits(logLikelihood: Double, count: Int) -> Double { Double(bits) - logLikelihood / (Double(count) * log(2)) }
}

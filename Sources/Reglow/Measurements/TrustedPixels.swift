import Files
import Imaging
import KernelInterface
import TrainingReports

/// Which entries of each measurement of a call are known or trusted, by a choice of masks.
package struct TrustedPixels {
    private let options: MaskChoice
    /// The mask of all measurements, where there is a file.
    private let mask: MaskPicture?
    private var notes: Notes

    /// Whether a measurement's own alpha channel is its mask.
    package var takesAlpha: Bool { options.source == .alpha }

    /// Reads the mask.
    ///
    /// - Throws: `FileError` that names the mask.
    package init(_ options: MaskChoice, _ notes: Notes) throws {
        self.options = options
        self.notes = notes
        mask = try options.file.map { path in
            let (image, alpha) = try readImageWithAlpha(path, notes)
            return try naming(path) {
                var reading = options.reading
                reading.isEachChannelItsOwn = fileExtension(of: path) == "npy"
                let mask = try MaskPicture(image, alpha: alpha, reading: reading)
                for remark in mask.remarks { notes.tell(path, remark) }
                return mask
            }
        }
    }

    /// The same, but what is to be said of a measurement goes into other notes.
    package func telling(_ notes: Notes) -> TrustedPixels {
        var other = self
        other.notes = notes
        return other
    }

    /// Which are, of a measurement that was read; nil where all are. How many are not is told, and whether the mask contradicts the picture.
    ///
    /// - Parameters:
    ///   - alpha: the measurement's own alpha channel.
    ///   - isInpainting: whether the others are missing; elsewhere they are not to be trusted.
    /// - Throws: `FileError` that names the mask where it has another size, or the measurement where nothing is left of it.
    package func entries(of image: Image, alpha: [Float]?, path: String, isInpainting: Bool) throws -> [Bool]? {
        var trusted = try known(image.shape, alpha, path)
        if let file = options.file, let known = trusted, let contradiction = MaskContradiction(image, known: known) {
            notes.tell(file, contradiction.remark)
        }
        if let level = options.saturated { trusted = saturated(image, Float(level), path, trusted) }
        guard let trusted else { return nil }
        guard trusted.contains(true) else {
            throw FileError(path: path, reason: "every pixel is missing, by \(options.source == nil ? "--saturated" : "--mask")")
        }
        tell(MissingCount(measured: trusted, shape: image.shape), image.shape, path, isInpainting: isInpainting)
        return trusted
    }

    /// Which entries of a measurement of this shape are measured, by the mask; nil where there is none.
    ///
    /// - Parameters:
    ///   - alpha: the alpha channel of the picture that is measured.
    ///   - path: that picture's.
    /// - Throws: `FileError` that names the mask where it has another size.
    package func known(_ shape: ImageShape, _ alpha: [Float]?, _ path: String) throws -> [Bool]? {
        guard let mask = try mask ?? ownAlpha(shape, alpha, path) else { return nil }
        let size = Problem.ImageSize(shape)
        guard mask.size == size else {
            throw FileError(
                path: options.file ?? path, reason: "the mask is \(mask.size), but the measurement \(path) is \(size) (height x width)")
        }
        return shape.channels == 1 && mask.known.count > shape.pixels ? Self.all(mask.known, shape) : mask.known
    }

    private func ownAlpha(_ shape: ImageShape, _ alpha: [Float]?, _ path: String) throws -> MaskPicture? {
        guard options.source == .alpha else { return nil }
        return try naming(path) {
            let size = Problem.ImageSize(shape)
            guard alpha == nil || alpha?.count == shape.pixels else { throw MaskError.otherSize(size) }
            return try MaskPicture(alphaOf: size, alpha, isInverted: options.reading.isInverted)
        }
    }

    private func saturated(_ image: Image, _ level: Float, _ path: String, _ trusted: [Bool]?) -> [Bool] {
        let below = image.entries(below: level)
        let clipped = below.count { !$0 }
        notes.tell(
            path,
            clipped == 0
                ? "no value is at or above \(level): nothing is taken as saturated"
                : "\(clipped) of \(below.count) values are at or above \(level) and taken as saturated")
        guard let trusted else { return below }
        return below.indices.map { below[$0] && trusted[$0 % trusted.count] }
    }

    /// A grey image has one mask: known where all channels are.
    private static func all(_ known: [Bool], _ shape: ImageShape) -> [Bool] {
        (0 ..< shape.pixels).map { pixel in
            stride(from: pixel, to: known.count, by: shape.pixels).allSatisfy { known[$0] }
        }
    }

    /// `196 of 4096 pixels (4.79 %) are missing`
    package func tell(_ missing: MissingCount, _ shape: ImageShape, _ path: String, isInpainting: Bool) {
        let percent = (100 * missing.fraction).general(3)
        let values = missing.values == missing.count * shape.channels ? "" : ", \(missing.values) of \(shape.count) values,"
        notes.tell(
            path, "\(missing.count) of \(shape.pixels) pixels (\(percent) %)\(values) are \(isInpainting ? "missing" : "not trusted")")
    }
}

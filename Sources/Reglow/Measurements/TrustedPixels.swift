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
            notes.tell(file, contradiction.remark())
        }
        if let level = options.saturated {
            let (entries, remark) = image.trusting(below: Float(level), trusted)
            notes.tell(path, remark)
            trusted = entries
        }
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
        return shape.channels == 1 && mask.known.count > shape.pixels ? shape.knownInAllChannels(mask.known) : mask.known
    }

    private func ownAlpha(_ shape: ImageShape, _ alpha: [Float]?, _ path: String) throws -> MaskPicture? {
        guard options.source == .alpha else { return nil }
        return try naming(path) {
            let size = Problem.ImageSize(shape)
            guard alpha == nil || alpha?.count == shape.pixels else { throw MaskError.otherSize(size) }
            return try MaskPicture(alphaOf: size, alpha, isInverted: options.reading.isInverted)
        }
    }

    /// `196 of 4096 pixels (4.79 %) are missing`
    package func tell(_ missing: MissingCount, _ shape: ImageShape, _ path: String, isInpainting: Bool) {
        notes.tell(path, missing.remark(of: shape, isInpainting: isInpainting))
    }
}

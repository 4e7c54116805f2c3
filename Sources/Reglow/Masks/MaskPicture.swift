import Imaging
import KernelInterface

/// A picture that says which pixels of another picture are known: white is known, black missing; opaque is known, transparent missing.
///
/// The alpha channel counts where some of it is transparent. Where all opaque pixels are of one colour, whichever, it counts alone; else
/// a pixel is known that is opaque and white.
package struct MaskPicture: Sendable {
    package let size: Problem.ImageSize
    /// Whether it is known: of each pixel, height * width of them, or of each number of an image of three channels.
    package let known: [Bool]
    /// What somebody should know who made the mask, to be told after its name.
    package let remarks: [String]

    /// How a picture is read as a mask.
    package struct Reading: Sendable, Hashable {
        /// White and opaque are missing.
        package var isInverted = false
        /// The part of white above which a number counts as known, where there are more values than two.
        package var threshold = 0.5
        /// Whether three channels are three masks; else a pixel is known where all of its channels are.
        package var isEachChannelItsOwn = false

        package init() {}
    }

    /// - Parameters:
    ///   - alpha: 0 transparent, 1 opaque, `image.shape.pixels` of them; nil where the picture has none.
    /// - Throws: `MaskError` where nothing would be known.
    package init(_ image: Image, alpha: [Float]? = nil, reading: Reading = Reading()) throws {
        size = Problem.ImageSize(height: image.shape.height, width: image.shape.width)
        let pixels = image.shape.pixels
        var remarks: [String] = []
        let opaque = try alpha.flatMap { try Self.opaque($0) }
        let visible = opaque.map { opaque in (0 ..< pixels).filter { opaque[$0] } }
        let planes = (0 ..< image.shape.channels).map { image.pixels[$0 * pixels ..< ($0 + 1) * pixels] }
        if let opaque, let visible, Self.isOneColour(planes, visible) {
            remarks.append("its alpha channel is the mask: transparent is \(reading.isInverted ? "known" : "missing")")
            known = opaque.map { $0 != reading.isInverted }
        } else {
            let numbers = visible.map { visible in planes.flatMap { plane in visible.map { plane[plane.startIndex + $0] } } }
            let levels = try MaskLevels(numbers ?? image.pixels, part: Float(reading.threshold))
            if let remark = levels.remark { remarks.append(remark) }
            if opaque != nil { remarks.append("has colours and an alpha channel: known is what is opaque and white") }
            let channels = planes.map { plane in
                plane.enumerated().map { pixel, number in ((opaque?[pixel] ?? true) && number > levels.threshold) != reading.isInverted }
            }
            let differing = (0 ..< pixels).count { pixel in channels.contains { $0[pixel] != channels[0][pixel] } }
            if differing == 0 {
                known = channels[0]
            } else if reading.isEachChannelItsOwn {
                remarks.append("differs between the channels in \(differing) pixels: each channel has its own mask")
                known = channels.flatMap { $0 }
            } else {
                remarks.append(
                    "is coloured in \(differing) pixels: known is where all channels are \(reading.isInverted ? "black" : "white")")
                known = (0 ..< pixels).map { pixel in channels.allSatisfy { $0[pixel] } }
            }
        }
        guard known.contains(true) else { throw MaskError.keepsNothing }
        if !known.contains(false) { remarks.append("the mask keeps every pixel: nothing is missing") }
        self.remarks = remarks
    }

    /// The mask of a picture's own alpha channel: transparent pixels are missing.
    ///
    /// - Throws: `MaskError` where there is no alpha channel, or it makes no pixel missing or all.
    package init(alphaOf size: Problem.ImageSize, _ alpha: [Float]?, isInverted: Bool = false) throws {
        guard let alpha else { throw MaskError.noAlpha }
        guard let opaque = try Self.opaque(alpha) else { throw MaskError.opaqueAlpha }
        self.size = size
        known = opaque.map { $0 != isInverted }
        remarks = []
    }

    /// Returns nil where all of it is opaque.
    private static func opaque(_ alpha: [Float]) throws -> [Bool]? {
        guard let least = alpha.min(), least < alpha.max() ?? 0 || least <= 0.5 else { return nil }
        guard least < alpha.max() ?? 0 else { throw MaskError.keepsNothing }
        let levels = try MaskLevels(alpha, part: 0.5)
        let opaque = alpha.map { $0 > levels.threshold }
        return opaque.contains(false) ? opaque : nil
    }

    /// Whether these pixels have one colour, to one step of 8 bits.
    private static func isOneColour(_ planes: [ArraySlice<Float>], _ pixels: [Int]) -> Bool {
        guard let first = pixels.first else { return true }
        return planes.allSatisfy { plane in
            let colour = plane[plane.startIndex + first]
            return pixels.allSatisfy { abs(plane[plane.startIndex + $0] - colour) < 1.5 / 255 }
        }
    }
}

/// Where a measurement says, or something else says for it, which of its pixels count.
public struct MaskChoice: Sendable, Hashable {
    /// Where a mask comes from.
    public enum Source: Sendable, Hashable {
        /// A picture of the measurement's size: white is known, black missing.
        case file(String)
        /// The measurement's own alpha channel: opaque is known, transparent missing.
        case alpha
    }

    /// The mask; nil is none.
    public var source: Source?
    /// White, or opaque, pixels are the missing ones.
    public var isInverted = false
    /// The part of white above which a pixel of a soft mask counts as known.
    public var threshold = 0.5
    /// Values of the measurement at or above this level have clipped and are not trusted, each channel by itself; nil trusts all.
    public var saturated: Double?
    /// Whether what the mask leaves out is missing, as in inpainting, and not merely untrustworthy: only what is told of it differs.
    public var isInpainting = false

    /// No mask.
    public init() {}

    /// The path of the mask, where it is a file.
    public var file: String? { if case .file(let path) = source { path } else { nil } }

    package var reading: MaskPicture.Reading {
        var reading = MaskPicture.Reading()
        reading.isInverted = isInverted
        reading.threshold = threshold
        return reading
    }
}

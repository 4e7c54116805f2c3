import ArgumentParser
import Reglow

/// Pixels that are missing or not to be trusted, as options.
struct MaskOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            inpaint: which pixels are known; other problems: which pixels of the measurement are to be trusted, not dead or clipped. An \
            image or .npy file of the measurement's size: white is known, black missing; opaque is known, transparent missing. With \
            alpha it is the measurement's own alpha channel.
            """, valueName: "file-or-alpha"), completion: .pictures)
    var mask: String?

    @Flag(help: "White, or opaque, pixels of the mask are the missing ones.")
    var maskInverted = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The part of white above which a pixel of a soft mask counts as known. (default: \(MaskPicture.Reading().threshold))",
            valueName: "part"))
    var maskThreshold: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            restore: values of the measurement at or above this level have clipped and are not trusted, each channel by itself: 0.99 \
            for most photographs.
            """, valueName: "level"))
    var saturated: Double?

    /// The file, where it is one.
    var file: String? { mask == Self.ownAlpha ? nil : mask }

    /// Whether any pixels may be taken out.
    var isGiven: Bool { mask != nil || saturated != nil }

    static let ownAlpha = "alpha"

    func validate() throws {
        try require(mask != nil || !maskInverted, "--mask-inverted is for a --mask")
        try require(mask != nil || maskThreshold == nil, "--mask-threshold is for a --mask")
        if let maskThreshold {
            try require((0 ..< 1).contains(maskThreshold), "--mask-threshold is \(maskThreshold), but must be at least 0 and below 1")
        }
        if let saturated {
            try require(saturated > 0 && saturated.isFinite, "--saturated is \(saturated), but must be above 0")
        }
    }

    /// - Parameter isInpainting: whether what is left out is missing.
    func choice(isInpainting: Bool) -> MaskChoice {
        var choice = MaskChoice()
        choice.source = mask.map { $0 == Self.ownAlpha ? .alpha : .file($0) }
        choice.isInverted = maskInverted
        choice.threshold = maskThreshold ?? choice.threshold
        choice.saturated = saturated
        choice.isInpainting = isInpainting
        return choice
    }
}

/// What is to be told of an estimated sigma.
public enum NoiseFinding: Sendable, Hashable, CustomStringConvertible {
    /// All channels have the same noise, up to a factor, as in a grey or toned picture kept in colour.
    case sharedByChannels
    /// Noise of neighbouring pixels is alike, as after JPEG, demosaicing or enlarging; sigma is that of its finest details.
    case correlated
    /// Texture cannot be told from noise; sigma is a bound from below.
    case textured
    /// There is no noise above the rounding of the numbers.
    case onlyRounding
    /// Fewer patches of `side` x `side` pixels than required are measured, not clipped and not constant.
    case tooFewPatches(found: Int, required: Int, side: Int)

    /// A clause that can follow "the estimated noise is 0.01: ".
    public var description: String {
        switch self {
        case .sharedByChannels:
            "the channels share one noise, as in a grey or toned picture kept in colour"
        case .correlated:
            "the noise of neighbouring pixels is correlated, as after JPEG, demosaicing or enlarging; this is the part in the finest details, and the noise left in the picture may be stronger"
        case .textured:
            "texture cannot be told from noise here; this is a lower bound, and the noise may be stronger"
        case .onlyRounding:
            "no noise above the rounding of the file was found, so that the picture is hardly changed"
        case .tooFewPatches(let found, let required, let side):
            "too little of the picture can be used (\(found) patches of \(side)x\(side) pixels that are measured, not clipped and not constant, of \(required) needed); it is taken as free of noise but for rounding"
        }
    }
}

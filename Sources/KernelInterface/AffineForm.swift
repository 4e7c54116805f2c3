/// Which scales and which order an affine coupling has: s = map(r) + offset, then b' = (b + t) s or b' = b s + t.
///
/// With sg(u) = 1 / (1 + e^-u).
public struct AffineForm: Hashable, Sendable {
    /// How the raw scale r becomes a scale.
    public enum ScaleMap: Sendable {
        /// Is sg(r + 2).
        case sigmoid
        /// Is e^r.
        case exponential
        /// Is 1 / sg(r + 2).
        case inverseSigmoid
        /// Is e^(sg(r + 2)).
        case exponentialOfSigmoid
    }

    /// How the raw scale r becomes a scale.
    public var scaleMap: ScaleMap
    /// What is added to every scale, which stays above 0.
    public var offset: Float
    /// Whether b' = b s + t, and not (b + t) s.
    public var scalesFirst: Bool

    /// Takes the values as they are; the properties say what each is.
    public init(scaleMap: ScaleMap = .sigmoid, offset: Float = 0, scalesFirst: Bool = false) {
        self.scaleMap = scaleMap
        self.offset = offset
        self.scalesFirst = scalesFirst
    }

    /// b' = (b + t) sg(r + 2), which has kernels of its own.
    public static var standard: AffineForm { AffineForm() }

    /// Whether it is `standard`.
    public var isStandard: Bool { scaleMap == .sigmoid && offset == 0 && !scalesFirst }
}

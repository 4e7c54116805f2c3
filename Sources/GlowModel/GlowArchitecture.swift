import Files
import Glibc

/// The shape of a Glow network: everything about it but the weights.
///
/// A level squeezes (four times the channels, half the height and width), runs its steps, and sends half of its channels to the
/// latent; the last level sends all. Level 0 is the finest.
public struct GlowArchitecture: Hashable, Sendable {
    /// What a step does to the transformed half b of its channels: b + shift, or (b + shift) * scale.
    public enum Coupling: String, Sendable, CaseIterable {
        /// Shifts, or shifts and scales, of half of the channels.
        case additive, affine
    }

    /// 1 or 3.
    public let imageChannels: Int
    /// Flow steps of each level, finest level first.
    public let steps: [Int]
    /// Hidden channels h of each coupling network.
    public let hidden: Int
    /// What a step does to half of its channels.
    public let coupling: Coupling
    /// The model sees x = u + pixelShift for pixel values u in [0, 1].
    public let pixelShift: Float
    /// What is otherwise than in version 1 of the model file.
    public let variant: GlowVariant

    static let levelBounds = 1 ... 8
    static let stepBounds = 1 ... 1024
    static let hiddenBounds = 1 ... 65536
    static let pixelShiftBounds: ClosedRange<Float> = -1 ... 1

    /// - Throws: `GlowArchitectureError` that names the first value out of bounds: 1 or 3 image channels, 1 to 8 levels of 1 to
    ///   1024 steps, 1 to 65,536 hidden channels, a shift in [-1, 1]; or the part of the variant that does not fit the rest.
    public init(
        steps: [Int], hidden: Int, imageChannels: Int = 3, coupling: Coupling = .additive, pixelShift: Float = -0.5,
        variant: GlowVariant = .standard
    ) throws(GlowArchitectureError) {
        guard imageChannels == 1 || imageChannels == 3 else {
            throw GlowArchitectureError(.imageChannels, "is \(imageChannels), must be 1 or 3")
        }
        try Self.require(.levels, steps.count, in: Self.levelBounds)
        for count in steps { try Self.require(.steps, count, in: Self.stepBounds) }
        try Self.require(.hidden, hidden, in: Self.hiddenBounds)
        try Self.require(.pixelShift, pixelShift, in: Self.pixelShiftBounds)
        try variant.require(steps: steps, coupling: coupling)
        self.imageChannels = imageChannels
        self.steps = steps
        self.hidden = hidden
        self.coupling = coupling
        self.pixelShift = pixelShift
        self.variant = coupling == .affine ? variant : variant.withoutScales()
    }

    /// The same number of steps on every level.
    ///
    /// - Throws: `GlowArchitectureError`, as the designated initializer does.
    public init(
        levels: Int, steps: Int, hidden: Int, imageChannels: Int = 3, coupling: Coupling = .additive,
        pixelShift: Float = -0.5, variant: GlowVariant = .standard
    ) throws(GlowArchitectureError) {
        try Self.require(.levels, levels, in: Self.levelBounds)
        try self.init(
            steps: [Int](repeating: steps, count: levels), hidden: hidden, imageChannels: imageChannels, coupling: coupling,
            pixelShift: pixelShift, variant: variant)
    }

    static func require<Value>(_ key: GlowArchitectureError.Key, _ value: Value, in bounds: ClosedRange<Value>)
        throws(GlowArchitectureError)
    {
        guard bounds.contains(value) else {
            throw GlowArchitectureError(key, "\(value) is out of bounds, must be from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
    }
}

extension GlowArchitecture.Coupling {
    /// What a step multiplies the transformed half of its channels by where its network gives zero.
    package var scaleAtZero: Double {
        switch self {
        case .additive: 1
        case .affine: GlowVariant.standard.scaleAtZero(offset: 0)
        }
    }
}

extension GlowVariant {
    /// What an affine step multiplies the transformed half of its channels by where its network gives zero.
    func scaleAtZero(offset: Float) -> Double {
        let sigmoid = 1 / (1 + Glibc.exp(-2.0))
        let scale =
            switch scaleMap {
            case .sigmoid: sigmoid
            case .exp: 1.0
            case .inverseSigmoid: 1 / sigmoid
            case .expSigmoid: Glibc.exp(sigmoid)
            }
        return scale + Double(offset)
    }
}

/// A value that no Glow network can have.
public struct GlowArchitectureError: ReglowError, Hashable {
    /// The name of the value in the metadata of a model file.
    public enum Key: String, Sendable, CaseIterable {
        /// The metadata of a model file, by their keys.
        case format, levels, steps, hidden, coupling
        /// The channels of an image.
        case imageChannels = "image_channels"
        /// What is added to pixel values.
        case pixelShift = "pixel_shift"
        /// Whether the shift or the scale of an affine coupling comes first (version 2 of the model file).
        case affineOrder = "affine_order"
        /// What makes the scale of an affine coupling (version 2).
        case scaleMap = "scale_map"
        /// Which half of the channels conditions and is kept, and how each level is squeezed (version 2).
        case split, squeeze
        /// What whitens the latent of a level: tensors of a model file.
        case prior
    }

    /// The value at fault.
    public let key: Key
    /// What is wrong with it.
    public let fault: String

    init(_ key: Key, _ fault: String) {
        self.key = key
        self.fault = fault
    }

    public var category: ReglowErrorCategory { .option(name: key.rawValue) }

    public var description: String { "model architecture: \(key.rawValue): \(fault)" }
}

extension GlowArchitecture {
    /// The levels of squeeze, flow steps and split.
    public var levels: Int { steps.count }

    /// Height and width of an image must be multiples of this: 2^L.
    public var sizeMultiple: Int { 1 << levels }

    /// Whether images of this size are taken: both sides are positive multiples of `sizeMultiple`, and the size is `fixedImageSize` where
    /// there is one.
    public func isValid(height: Int, width: Int) -> Bool {
        if let fixedImageSize { return fixedImageSize == (height, width) }
        return height > 0 && width > 0 && height % sizeMultiple == 0 && width % sizeMultiple == 0
    }

    /// C, the channels of a level after squeezing. The level before keeps half of its own, so C doubles from level to level.
    public func channels(level: Int) -> Int { imageChannels << (level + 2) }

    /// Channels that leave a level for the latent: half of them, on the last level all.
    public func latentChannels(level: Int) -> Int {
        level == levels - 1 ? channels(level: level) : channels(level: level) / 2
    }

    /// The sizes of a step on this level.
    package func stepShape(level: Int) -> FlowStepShape {
        FlowStepShape(channels: channels(level: level), hidden: hidden, coupling: coupling)
    }

    /// Numbers in a model file of this architecture.
    public var parameterCount: Int {
        (0 ..< levels).reduce(0) { sum, level in
            let shape = stepShape(level: level)
            let optional = (0 ..< steps[level]).reduce(0) { sum, step in
                variant.tensors(level: level, step: step).reduce(sum) { $0 + $1.count(in: shape) }
            }
            return sum + steps[level] * shape.parameterCount + optional + (priorShape(level: level)?.parameterCount ?? 0)
        }
    }

    /// Multiply-accumulates of one pass over one image: `forward`, `inverse`, or any product with their Jacobians.
    ///
    /// `couplings` are the three convolutions of the coupling networks and that of a learned prior, `mixings` the 1x1 convolutions. Exact up to 2^53.
    /// The shape is one for which `isValid` holds.
    public func multiplyAccumulates(height: Int, width: Int) -> (couplings: Double, mixings: Double) {
        var (couplings, mixings) = (0.0, 0.0)
        for level in 0 ..< levels {
            let shape = stepShape(level: level)
            let size = Double(height >> (level + 1)) * Double(width >> (level + 1))
            let pixels = size * Double(steps[level])
            couplings += pixels * Double(shape.networkMultiplyAccumulates)
            couplings += size * Double(priorShape(level: level)?.multiplyAccumulates ?? 0)
            mixings += pixels * Double(shape.channels * shape.channels)
        }
        return (couplings, mixings)
    }
}

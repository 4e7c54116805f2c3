/// What a Glow does otherwise than the map of `reglow-glow/1`, or has beyond it: where the implementations of Glow differ.
///
/// A model that is `standard` fits version 1 of the model file, any other needs `reglow-glow/2`.
public struct GlowVariant: Hashable, Sendable {
    /// What an affine coupling does first to the transformed half b of the channels, with t and s from its network.
    public enum AffineOrder: String, Sendable, CaseIterable {
        /// Computes (b + t) s.
        case shiftFirst = "shift-first"
        /// Computes b s + t.
        case scaleFirst = "scale-first"
    }

    /// How an affine coupling makes its scale s of the raw scale r, with sg(u) = 1 / (1 + e^-u).
    public enum ScaleMap: String, Sendable, CaseIterable {
        /// Is s = sg(r + 2).
        case sigmoid
        /// Is s = e^r.
        case exp
        /// Is s = 1 / sg(r + 2) = 1 + e^(-r - 2).
        case inverseSigmoid = "inverse-sigmoid"
        /// Is s = e^(sg(r + 2)).
        case expSigmoid = "exp-sigmoid"
    }

    /// Which half of its channels a level keeps for the next one; the other goes to the latent.
    public enum Split: String, Sendable, CaseIterable {
        /// Keeps the half that conditions, or the half that is transformed.
        case first, second
    }

    /// How a level makes four channels of one, half as high and wide.
    public enum SqueezeOrder: String, Sendable, CaseIterable {
        /// Takes every second pixel of every second row.
        case interleaved
        /// Takes the numbers of the channel in their order, a quarter for each.
        case contiguous
    }

    /// The order of shift and scale, for all steps.
    public let affineOrder: AffineOrder
    /// How raw scales become scales, for all steps.
    public let scaleMap: ScaleMap
    /// The half that is kept, for all levels but the last, which sends all.
    public let split: Split
    private let squeezes: [SqueezeOrder]
    private let stepTensors: [[Set<OptionalStepTensor>]]
    private let priors: [LevelPriorForm?]

    /// Takes arrays with one entry for each level, or empty ones where no level differs from version 1.
    ///
    /// - Parameters:
    ///   - squeezes: how each level squeezes.
    ///   - stepTensors: what step k of level l has besides, at `[l][k]`.
    ///   - priors: what whitens the latent of each level.
    package init(
        affineOrder: AffineOrder = .shiftFirst, scaleMap: ScaleMap = .sigmoid, split: Split = .first, squeezes: [SqueezeOrder] = [],
        stepTensors: [[Set<OptionalStepTensor>]] = [], priors: [LevelPriorForm?] = []
    ) {
        self.affineOrder = affineOrder
        self.scaleMap = scaleMap
        self.split = split
        // Equal variants are equal values: what differs from version 1 nowhere is empty.
        self.squeezes = squeezes.allSatisfy { $0 == .interleaved } ? [] : squeezes
        self.stepTensors = stepTensors.joined().allSatisfy(\.isEmpty) ? [] : stepTensors
        self.priors = priors.allSatisfy { $0 == nil } ? [] : priors
    }

    /// The map of `reglow-glow/1`.
    public static let standard = GlowVariant()

    /// How a level squeezes.
    public func squeeze(level: Int) -> SqueezeOrder { squeezes.isEmpty ? .interleaved : squeezes[level] }

    /// What a step has besides its eight tensors.
    package func tensors(level: Int, step: Int) -> Set<OptionalStepTensor> { stepTensors.isEmpty ? [] : stepTensors[level][step] }

    /// Whether some step has this tensor.
    package func has(_ tensor: OptionalStepTensor) -> Bool { stepTensors.joined().contains { $0.contains(tensor) } }

    /// What whitens the latent of a level; nil is nothing.
    package func prior(level: Int) -> LevelPriorForm? { priors.isEmpty ? nil : priors[level] }

    /// What is otherwise than in version 1, by the names of the model file: empty for `standard`.
    package func differences(levels: Int) -> [String] {
        var names: [String] = []
        if affineOrder != .shiftFirst { names.append("affine_order \(affineOrder.rawValue)") }
        if scaleMap != .sigmoid { names.append("scale_map \(scaleMap.rawValue)") }
        if split != .first { names.append("split \(split.rawValue)") }
        if !squeezes.isEmpty { names.append("squeeze \(squeezes.map(\.rawValue).joined(separator: ","))") }
        names += OptionalStepTensor.allCases.filter(has).map(\.rawValue)
        let tensors = LevelPriorTensor.allCases.filter { tensor in
            (0 ..< levels).contains { prior(level: $0)?.tensors.contains(tensor) == true }
        }
        return names + tensors.map { "prior.\($0.rawValue)" }
    }

    /// The same for additive couplings, which neither scale nor have an order.
    func withoutScales() -> GlowVariant {
        GlowVariant(split: split, squeezes: squeezes, stepTensors: stepTensors, priors: priors)
    }

    /// The same with these tensors.
    func having(stepTensors: [[Set<OptionalStepTensor>]], priors: [LevelPriorForm?]) -> GlowVariant {
        GlowVariant(
            affineOrder: affineOrder, scaleMap: scaleMap, split: split, squeezes: squeezes, stepTensors: stepTensors, priors: priors)
    }

    /// - Throws: `GlowArchitectureError` for what cannot be part of this architecture.
    func require(steps: [Int], coupling: GlowArchitecture.Coupling) throws(GlowArchitectureError) {
        guard squeezes.isEmpty || squeezes.count == steps.count else {
            throw GlowArchitectureError(.squeeze, "has \(squeezes.count) words, must have one for each of the \(steps.count) levels")
        }
        guard stepTensors.isEmpty || stepTensors.map(\.count) == steps else {
            throw GlowArchitectureError(.steps, "differ from those that have more tensors")
        }
        guard coupling == .affine || !has(.scaleOffset) else {
            throw GlowArchitectureError(.coupling, "is additive, but a step has \(OptionalStepTensor.scaleOffset.rawValue)")
        }
        guard priors.isEmpty || priors.count == steps.count else {
            throw GlowArchitectureError(.prior, "is given for \(priors.count) of \(steps.count) levels")
        }
        if case .convolution(let tensors)? = priors.last ?? nil, tensors.contains(.weight) {
            throw GlowArchitectureError(.prior, "of the last level has a weight, but there is no half that is kept")
        }
        var size: (height: Int, width: Int)?
        for case (let level, .map(let height, let width)?) in priors.enumerated() {
            let sides = 1 ... GlowArchitecture.mostMapSide
            guard sides.contains(height), sides.contains(width) else {
                throw GlowArchitectureError(.prior, "of level \(level) is a map of \(height)x\(width), its sides must be in \(sides)")
            }
            let (fineHeight, fineWidth) = (height << (level + 1), width << (level + 1))
            guard fineHeight % (1 << steps.count) == 0, fineWidth % (1 << steps.count) == 0 else {
                throw GlowArchitectureError(
                    .prior, "of level \(level) is a map for images of \(fineHeight)x\(fineWidth), which \(steps.count) levels do not take")
            }
            if let size, size != (fineHeight, fineWidth) {
                throw GlowArchitectureError(
                    .prior,
                    "of level \(level) is a map for images of \(fineHeight)x\(fineWidth), that of another level for "
                        + "\(size.height)x\(size.width)")
            }
            size = (fineHeight, fineWidth)
        }
    }
}

extension GlowArchitecture {
    static let mostMapSide = 1 << 15

    /// Whether version 1 of the model file holds all of it.
    public var isStandard: Bool { variant == .standard }

    /// The only image size that the model takes; nil is any that `isValid` allows. A prior with a number for each latent value ties
    /// it to one.
    public var fixedImageSize: (height: Int, width: Int)? {
        for level in 0 ..< levels {
            if case .map(let height, let width) = variant.prior(level: level) { return (height << (level + 1), width << (level + 1)) }
        }
        return nil
    }

    /// Whether log|det dz/dx| is the same for all images: neither a coupling nor a prior scales by what it is given.
    public var hasConstantLogDeterminant: Bool {
        coupling == .additive && (0 ..< levels).allSatisfy { variant.prior(level: $0)?.isConstant ?? true }
    }

    /// The channels that a level keeps for the next one, and those that it sends to the latent.
    package func parts(level: Int) -> (kept: Range<Int>, sent: Range<Int>) {
        let all = channels(level: level)
        if level == levels - 1 { return (0 ..< 0, 0 ..< all) }
        let (first, second) = (0 ..< all / 2, all / 2 ..< all)
        return variant.split == .first ? (first, second) : (second, first)
    }

    /// The sizes of what whitens the latent of this level; nil where nothing does.
    package func priorShape(level: Int) -> LevelPriorShape? {
        variant.prior(level: level).map { form in
            let parts = parts(level: level)
            return LevelPriorShape(form: form, inputs: parts.kept.count, channels: parts.sent.count)
        }
    }
}

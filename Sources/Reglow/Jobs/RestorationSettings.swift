import GlowModel
import Imaging
import InverseSolvers
import KernelInterface

/// How the images of a job are restored: the problem, the prior, what is known of the noise, and how the solver works.
public struct RestorationSettings: Sendable {
    /// A, up to the seed that each measurement brings.
    public var problem: Problem
    /// The prior: the name of a shipped model or a model file; nil is the shipped one that fits each picture.
    public var prior: String?
    /// sigma on the [0, 1] scale; nil is estimated from a picture's file, and `standardNoise` for an array.
    public var noise: RegularizationRule.NoiseLevel?
    /// How lambda is chosen.
    public var regularization = RegularizationChoice.noiseVariance
    /// The minimizer, and when it stops.
    public var solver = SolverOptions()
    /// The arithmetic of values.
    public var precision = Precision.fp32
    /// The arithmetic of gradients, until its errors hinder a solve; nil is that of values.
    public var gradientPrecision: Precision?
    /// Whether the arithmetic of gradients is that in which this processor takes less time (`InstructionSet.gradientPrecision(on:)`) for values in
    /// fp32, whatever `gradientPrecision` is: a job so begun may go on on another kind of processor.
    public var choosesGradientPrecision = false
    /// The arithmetic of gradients on this processor.
    var gradientPrecisionHere: Precision? {
        guard choosesGradientPrecision else { return gradientPrecision }
        return precision == .fp32 && (try? InstructionSet.selected())?.gradientPrecision() == .bf16 ? .bf16 : nil
    }
    /// Which pixels of a measurement count.
    public var masks = MaskChoice()
    /// The stored number that is white in arrays and TIFF files; nil is what the type of their numbers says.
    public var white: Double?
    /// Where each solve begins; nil leaves it to the solver.
    public var start: Initialization?
    /// How the posterior of each image is sampled; nil gives the mode alone.
    public var posterior: PosteriorOptions?
    /// The seed of random operators whose job names none.
    public var seed: UInt64 = 0

    /// The standard settings of a problem.
    public init(problem: Problem) { self.problem = problem }

    /// sigma of an array that says nothing of its noise.
    public static let standardNoise = 0.01

    /// How lambda is chosen, whatever is known of the noise: see `RegularizationRule`.
    public enum RegularizationChoice: Sendable, Hashable {
        /// The square of sigma.
        case noiseVariance
        /// This lambda.
        case fixed(Double)
        /// The discrepancy principle.
        case discrepancy
        /// The whitest residual.
        case whiteness
    }

    /// The rule for a measurement with this noise.
    public func rule(_ noise: RegularizationRule.NoiseLevel) -> RegularizationRule {
        switch regularization {
        case .noiseVariance: .noiseVariance(noise)
        case .fixed(let weight): .fixed(weight)
        case .discrepancy: .discrepancy(noise)
        case .whiteness: .whiteness
        }
    }

    /// The noise of a measurement that was read from this picture; nil is one that is no picture.
    package func noise(of picture: DecodedImage?) -> RegularizationRule.NoiseLevel {
        if let noise { return noise }
        guard let picture, picture.metadata.format != .numPy else { return .known(Self.standardNoise) }
        return .estimated
    }

    /// The prior of an image of this size.
    package func prior(for size: Problem.ImageSize) -> String { prior ?? ShippedFiles.prior(for: size, minimizes: asksForMinimum) }

    /// Whether these settings ask for the minimum of an objective, how it is found (`PosedProblem.canBeSplit`), or for draws around it.
    private var asksForMinimum: Bool {
        guard solver.minimizer == .auto, solver.formulation == nil, solver.progressTolerance == nil, !solver.includeLogDeterminant,
            posterior == nil
        else { return true }
        if case .random = start { return true }
        return switch regularization {
        case .noiseVariance, .fixed: false
        case .discrepancy, .whiteness: true
        }
    }

    /// Whether a measurement is a row of numbers, not a picture.
    package var isVector: Bool { if case .compressive = problem { true } else { false } }

    package var scale: NumberScale { .image(white: white) }
}

extension RegularizationRule.NoiseLevel {
    /// sigma where it is known; nil where it is estimated.
    package var deviation: Double? { if case .known(let deviation) = self { deviation } else { nil } }
}

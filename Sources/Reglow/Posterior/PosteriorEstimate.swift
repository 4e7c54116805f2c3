import Imaging
import InverseSolvers

/// What draws from the posterior say of an image: how it looks on average, and how sure that is.
///
/// All images are on the [0, 1] scale, not clipped, and have the channels of the prior, or one where the measurement is grey.
public struct PosteriorEstimate: Sendable {
    /// A level and the image of the values below which each pixel lies with this probability.
    public struct Quantile: Sendable {
        /// The probability, above 0 and below 1.
        public let level: Double
        /// The quantile at each pixel and channel, linear between the draws.
        public let image: Image
    }

    /// The mode near which the chains began.
    public let mode: RestoredImage
    /// The posterior mean: of all estimates the one with the least expected squared error under the prior. It is that of the draws, less
    /// what their gradients tell of its error by a control variate. With a self-ensemble it is the mean of two such means.
    public let mean: Image
    /// The standard deviation at each pixel and channel, in the units of the image.
    public let deviation: Image
    /// A quantile for each level of the options, in their order.
    public let quantiles: [Quantile]
    /// The draws: those of the first chain in their order, then those of the second, and so on. With a self-ensemble the second half of the
    /// chains is that of the mirror image, whose draws are turned back.
    public let samples: [Image]
    /// How well the chains have explored the posterior.
    public let diagnostics: PosteriorDiagnostics

    /// Whether the mean can be trusted: what speaks against the mode, and chains that do not agree.
    public var trust: Trust { mode.trust.adding(diagnostics.isMixed ? [] : [TrustFinding(chains: diagnostics)]) }
}

/// How well the chains of a posterior have explored it.
///
/// It is judged by some numbers of each draw: the logarithm of its density, its means over a grid of 4x4 blocks for each channel, and 64 pixels that
/// are the same for images of one size. With a self-ensemble chains agree where those of the image do and those of its mirror image do.
public struct PosteriorDiagnostics: Sendable, Hashable {
    /// Chains of the image.
    public let chains: Int
    /// Draws of all chains.
    public let samples: Int
    /// Trajectories of each chain that were thrown away.
    public let burnIn: Int
    /// The mean acceptance of each chain's trajectories; 0.7 is aimed at.
    public let acceptance: [Double]
    /// The step size of each chain.
    public let stepSizes: [Double]
    /// The largest split R-hat of the numbers, without a normalization of ranks. Above `largestRHat` the chains do not agree: more burn-in and more samples are needed.
    public let rHat: Double
    /// The least number of independent draws that would give the mean of one of the numbers as well.
    public let effectiveSamples: Double
    /// The median of the same over the 64 pixels.
    public let medianEffectiveSamples: Double
    /// Evaluations of value and gradient of all chains, without those of the mode.
    public let evaluations: Int
    /// Wall time of the chains, without that of the mode.
    public let seconds: Double

    /// R-hat up to which chains are said to agree.
    public static let largestRHat = 1.1

    /// Whether the chains agree.
    public var isMixed: Bool { rHat <= Self.largestRHat }
}

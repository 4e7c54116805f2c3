import GlowModel

/// A flow as a model file of format 2 describes it, whichever family it came from.
///
/// The same numbers as in the file, so rounded to single precision, and the four choices that the format knows.
package struct FoldedFlow: Sendable {
    package enum AffineOrder: String, Sendable {
        /// b' = (b + t) s
        case shiftFirst = "shift-first"
        /// b' = b s + t
        case scaleFirst = "scale-first"
    }

    package enum ScaleMap: String, Sendable {
        /// s = sg(r + 2)
        case sigmoid
        /// s = e^r
        case exp
        /// s = 1 / sg(r + 2)
        case inverseSigmoid = "inverse-sigmoid"
        /// s = e^sg(r + 2)
        case expSigmoid = "exp-sigmoid"
    }

    package enum SqueezeOrder: String, Sendable {
        /// y[4c + 2 dy + dx, i, j] = x[c, 2i + dy, 2j + dx]
        case interleaved
        /// The numbers in memory order, read as (4c, H/2, W/2).
        case contiguous
    }

    /// One step: u = M x + m, then the network on the first half.
    package struct Step: Sendable {
        package let mixing: [Float]
        package let mixingBias: [Float]
        package let net0Weight: [Float]
        package let net0Bias: [Float]
        package let net0Border: [Float]?
        package let net1Weight: [Float]
        package let net1Bias: [Float]
        package let net2Weight: [Float]
        package let net2Bias: [Float]
        package let net2Border: [Float]?
        /// What is added to s.
        package var scaleOffset: Float = 0
    }

    /// Mean and log deviation of the latents of a level: (mu, ls) = conv3x3(kept half) + bias + border, or a map.
    package struct Prior: Sendable {
        package var weight: [Float]?
        package var bias: [Float]?
        package var border: [Float]?
        package var map: [Float]?
        /// Height and width of the map.
        package var mapSize: (height: Int, width: Int) = (0, 0)

        /// Whether it leaves the latent as it is.
        var isStandard: Bool { [weight, bias, border, map].allSatisfy { $0?.allSatisfy { $0 == 0 } ?? true } }
    }

    package let architecture: GlowArchitecture
    package var affineOrder: AffineOrder = .shiftFirst
    package var scaleMap: ScaleMap = .sigmoid
    /// Whether the second half of the channels is kept, and the first is sent.
    package var keepsSecondHalf = false
    /// For each level.
    package var squeeze: [SqueezeOrder]
    /// `levels[l][k]`, finest level first.
    package var levels: [[Step]]
    /// For each level; nil is the standard normal density.
    package var priors: [Prior?]

    /// Whether version 1 of the model file has all that it needs.
    package var fitsVersion1: Bool {
        let hasBorder = levels.joined().contains { $0.net0Border != nil || $0.net2Border != nil || $0.scaleOffset != 0 }
        let isAffine = architecture.coupling == .affine
        let isPlain = !isAffine || (affineOrder == .shiftFirst && scaleMap == .sigmoid)
        return !hasBorder && isPlain && !keepsSecondHalf && squeeze.allSatisfy { $0 == .interleaved } && priors.allSatisfy { $0 == nil }
    }

    /// The image size that a map ties it to, nil for any.
    package var imageSize: (height: Int, width: Int)? {
        for (level, prior) in priors.enumerated() {
            if let prior, prior.map != nil { return (prior.mapSize.height << (level + 1), prior.mapSize.width << (level + 1)) }
        }
        return nil
    }
}

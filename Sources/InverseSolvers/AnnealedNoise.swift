import Glibc

/// The noise that a half-quadratic splitting sees in its iterates, from step to step: deviations that fall in equal ratios.
package struct AnnealedNoise: Sendable, Equatable {
    /// s_k on the [0, 1] scale of pixels, one for each step; the last is that of the measurement, or the least that the prior knows.
    package let deviations: [Double]
    /// Whether there were too few evaluations for all steps.
    package let isShortened: Bool

    /// Where nothing is known of the image yet.
    static let first = 0.2
    /// Where the start is an image that is to be kept in its main features.
    static let firstFromImage = 0.05
    /// Steps where all pixels are measured.
    static let steps = 16
    /// Steps where some are missing: what fills the gaps comes from afar.
    static let stepsWithGaps = 24

    /// - Parameters:
    ///   - last: the deviation of the last step.
    ///   - hasGaps: whether pixels are missing.
    ///   - startsAtImage: whether the start is an image that was asked for.
    ///   - most: steps at most, at least 1.
    package init(last: Double, hasGaps: Bool, startsAtImage: Bool, most: Int) {
        let first = max(startsAtImage ? Self.firstFromImage : Self.first, last)
        // From an image there is half of the way to go.
        let full = (hasGaps ? Self.stepsWithGaps : Self.steps) / (startsAtImage ? 2 : 1)
        let steps = max(1, min(most, full))
        isShortened = steps < full
        deviations = (0 ..< steps).map { step in
            step == steps - 1 ? last : first * pow(last / first, Double(step) / Double(steps - 1))
        }
    }
}

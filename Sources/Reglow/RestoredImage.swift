import Imaging
import InverseSolvers

/// One restored image and how it was found.
public struct RestoredImage: Sendable {
    /// On the [0, 1] scale, not clipped, in the prior's channels. With a self-ensemble the mean of both solves.
    public let image: Image
    /// The solve of the measurement as it is.
    public let restoration: Restoration
    /// The solve for the mirror image, which its image and latent are of; nil without self-ensemble.
    public let mirrored: Restoration?
    /// lambda
    public let weight: Double
    /// The solves on the way to lambda; empty where it was not searched for.
    public let weightPath: [WeightStep]
    /// Whether the search ended where its criterion holds; true where there was none.
    public let isWeightSettled: Bool
    /// sigma that the rule was told or estimated; nil where it asked for none.
    public let noiseDeviation: Double?

    /// Evaluations of all solves.
    public var evaluations: Int { restoration.evaluations + (mirrored?.evaluations ?? 0) }
    /// Passes of the flow of all solves.
    public var passes: Int { restoration.passes + (mirrored?.passes ?? 0) }
    /// The solve that diverged, the first of both; then the image is not to be used.
    public var diverged: Restoration? { [restoration, mirrored].compactMap { $0 }.first { $0.stop == .diverged } }
}

/// An accepted iterate of one of the measurements, as it happens.
public struct RestorationProgress: Sendable {
    /// Index in the list of measurements.
    public let measurement: Int
    public let entry: Trace.Entry
    let canvasImage: ArraySlice<Float>
    let posed: PosedProblem
    let pixelShift: Float

    /// The image of this iterate, on the [0, 1] scale, not clipped. Made on each call. To keep the progress itself beyond
    /// the call that brought it makes the solver copy its images.
    public func image() throws -> Image { try posed.image(of: Array(canvasImage), pixelShift: pixelShift) }
}

extension RestoredImage {
    /// - Parameter mirrored: that for the mirror image; nil without self-ensemble.
    init(_ solved: SolvedProblem, mirrored: SolvedProblem?, pixelShift: Float) throws {
        var image = try solved.image(pixelShift: pixelShift)
        if let other = try mirrored?.image(pixelShift: pixelShift) {
            image = try Image(shape: image.shape, pixels: zip(image.pixels, other.pixels).map { ($0 + $1) / 2 })
        }
        let solution = solved.solution
        self.init(
            image: image, restoration: solution.restoration, mirrored: mirrored?.solution.restoration, weight: solution.weight,
            weightPath: solution.path, isWeightSettled: solution.isSettled, noiseDeviation: solved.posed.chosen.noiseDeviation)
    }
}

import Imaging
import InverseSolvers

/// One restored image and how it was found.
public struct RestoredImage: Sendable {
    /// The image on the [0, 1] scale, not clipped, in the prior's channels. With a self-ensemble it is the mean of both solves. Denoising with an estimated
    /// sigma takes at no place more than noise from the measurement: see `noiseEstimate`.
    public let image: Image
    /// The solve of the measurement as it is.
    public let restoration: Restoration
    /// The solve for the mirror image, which its image and latent are of; nil without self-ensemble.
    public let mirrored: Restoration?
    /// The iterates of all solves in a row, as they were reported. A step of 0 is a start: of a solve, or of one in the image that began in
    /// the latent.
    public let trace: Trace
    /// sigma that the rule was told or estimated; nil where it asked for none.
    public let noiseDeviation: Double?
    /// The estimate of sigma that the rule used, with what is to be told of it; nil where it made none.
    public let noiseEstimate: NoiseEstimate?
    /// What of the measurement is missing or not trusted.
    public let missing: MissingCount
    /// Whether the image can be trusted, with what speaks against it.
    public let trust: Trust

    /// lambda of all solves.
    public var regularizationWeight: Double { restoration.regularizationWeight }
    /// The solves on the way to lambda; empty where it was not searched for.
    public var regularizationPath: [RegularizationStep] { restoration.regularizationPath }
    /// Whether the search for lambda ended where its criterion holds; true where there was none.
    public var isRegularizationSettled: Bool { restoration.isRegularizationSettled }
    /// Evaluations of all solves.
    public var evaluations: Int { restoration.evaluations + (mirrored?.evaluations ?? 0) }
    /// Passes of the flow of all solves.
    public var passes: Int { restoration.passes + (mirrored?.passes ?? 0) }
    /// The solve that diverged, the first of both; then the image is not to be used.
    public var diverged: Restoration? { [restoration, mirrored].compactMap { $0 }.first { $0.stop == .diverged } }
}

/// An accepted iterate of one of the measurements, as it happens.
public struct RestorationProgress: Sendable {
    /// Evaluations, passes and seconds are those of all solves so far of the measurement, the rest is of this iterate.
    public let entry: Trace.Entry
    let canvasImage: ArraySlice<Float>
    let posed: PosedProblem
    /// The solution for the image itself, where the iterate is one of its mirror image.
    let first: SolvedProblem?
    /// Whether nothing follows in this solve, because its result is known in closed form.
    package var isLast = false

    /// Index in the list of measurements.
    public var measurement: Int { posed.index }
    /// Whether the iterate is one of the second solve of a self-ensemble.
    public var isMirrored: Bool { first != nil }

    /// What the result would be if the solve ended here, on the [0, 1] scale, not clipped: the image of this iterate, in the second solve of
    /// a self-ensemble its mean with the image of the first. Made on each call. To keep the progress itself beyond the call that brought
    /// it makes the solver copy its images.
    public func image() throws -> Image {
        let image = try posed.image(of: Array(canvasImage))
        return try first.map { try Image(meanOf: $0.image(), image) } ?? image
    }
}

extension RestoredImage {
    /// - Parameter mirrored: that for the mirror image; nil without self-ensemble.
    init(_ solved: SolvedProblem, mirrored: SolvedProblem? = nil) throws {
        let image = try solved.image()
        var trace = solved.restoration.trace
        if let mirrored { trace.entries += mirrored.restoration.trace.entries.map { solved.continued($0) } }
        let mean = try mirrored.map { try Image(meanOf: image, $0.image()) } ?? image
        self.init(
            image: try solved.posed.noiseBound.map { try $0(mean, measured: solved.posed.measurement) } ?? mean,
            restoration: solved.restoration, mirrored: mirrored?.restoration, trace: trace,
            noiseDeviation: solved.posed.chosen.noiseDeviation, noiseEstimate: solved.posed.chosen.noiseEstimate,
            missing: solved.posed.posedOperator.missing,
            trust: Trust(try TrustStatistics(solved), of: [solved.restoration] + (mirrored.map { [$0.restoration] } ?? [])))
    }
}

extension Image {
    /// The mean of two images of one shape, at each pixel.
    fileprivate init(meanOf a: Image, _ b: Image) throws {
        try self.init(shape: a.shape, pixels: zip(a.pixels, b.pixels).map { ($0 + $1) / 2 })
    }
}

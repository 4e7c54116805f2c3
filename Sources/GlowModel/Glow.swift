import Files
import KernelDispatch
import KernelInterface

/// A Glow normalizing flow (Kingma and Dhariwal 2018): f takes an image x to a latent z with z ~ N(0, I) under the model.
///
/// The map is that of the model file: levels of squeeze, flow steps and split, and a learned prior where a level has one; see `GlowMap` for
/// its six maps. Latents are [z_0, ..., z_(L-1)], finest level first, each (channel, row, column). Images are in the model's range,
/// pixel values plus `pixelShift`. Weights are read-only after loading, so one Glow serves any number of threads, each with a
/// linearization of its own.
public final class Glow: NormalizingFlow {
    /// Levels, steps, hidden channels and coupling.
    public let architecture: GlowArchitecture
    /// What the model file says about itself.
    public let card: ModelCard
    /// The kernels that it runs on.
    package let kernels: KernelTable
    /// The arithmetic of its coupling networks.
    public let precision: Precision

    let levels: [[LoadedStep]]
    /// What whitens the latent of each level.
    let priors: [LevelPrior?]

    /// Packs the weights of `source`, one step at a time on each thread.
    ///
    /// - Throws: what the source throws for the first step that it cannot give.
    package init(
        _ source: some GlowParameterSource, kernels: KernelTable, precision: Precision = .fp32, parallelism: Parallelism = .serial
    ) throws {
        architecture = source.architecture
        card = source.card
        self.kernels = kernels
        self.precision = precision
        let architecture = source.architecture
        let arena = architecture.makeArena(precision, ofNetworks: false)
        let places = architecture.steps.enumerated().flatMap { level, steps in (0 ..< steps).map { (level: level, index: $0) } }
        let steps = try parallelism.map(places.count) { number in
            let place = places[number]
            let step = try source.step(level: place.level, index: place.index)
            try architecture.require(step, level: place.level, index: place.index)
            return LoadedStep(step, variant: architecture.variant, precision: precision, in: arena)
        }
        var rest = steps[...]
        levels = architecture.steps.map { count in
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        priors = try (0 ..< architecture.levels).map { level in
            let prior = try source.prior(level: level)
            guard prior?.shape == architecture.priorShape(level: level) else {
                throw GlowArchitectureError(.prior, "of level \(level) is of another form or shape")
            }
            return prior.map { LevelPrior($0, parts: architecture.parts(level: level)) }
        }
    }

    /// The same flow with its networks rounded to another precision; all that does not depend on the precision is shared.
    package init(_ flow: Glow, precision: Precision) {
        architecture = flow.architecture
        card = flow.card
        kernels = flow.kernels
        self.precision = precision
        let arena = architecture.makeArena(precision, ofNetworks: true)
        levels = flow.levels.map { $0.map { LoadedStep($0, precision: precision, in: arena) } }
        priors = flow.priors
    }

    /// Works as `init(_:kernels:precision:parallelism:)`, on the instruction set that `InstructionSet.selected` gives.
    package convenience init(
        _ source: some GlowParameterSource, precision: Precision = .fp32, parallelism: Parallelism = .serial
    ) throws {
        try self.init(source, kernels: try InstructionSet.selected().table, precision: precision, parallelism: parallelism)
    }

    /// Loads a model file.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - precision: of the coupling networks.
    ///   - threads: how many threads load at once; nil is what the machine and its cgroup offer.
    /// - Throws: `ModelFileError` that names what is wrong with the file, or `InstructionSetError`.
    public convenience init(path: String, precision: Precision = .fp32, threads: Int? = nil) throws {
        try self.init(
            try ModelFile(path: path), precision: precision, parallelism: Parallelism(threads: threads ?? ThreadCount.available()))
    }

    /// The channels of an image.
    public var imageChannels: Int { architecture.imageChannels }
    /// What height and width of an image must be multiples of: 2 to the power of the levels.
    public var sizeMultiple: Int { architecture.sizeMultiple }

    /// Whether both record the same memory: the architecture and the kernels are the same. That the weights are too, up to the
    /// precision, is for the caller to know.
    public func sharesPoints(with other: Glow) -> Bool {
        architecture == other.architecture && kernels.name == other.kernels.name
    }

    /// Bytes of the packed weights.
    public var weightBytes: Int {
        levels.joined().reduce(0) { $0 + $1.step.bytes } + priors.reduce(0) { $0 + ($1?.bytes ?? 0) }
    }

    /// - Throws: `GlowShapeError` when the channels are not the model's, a side is not a multiple of `sizeMultiple`, the size is not the one
    ///   that the model is tied to, the batch is empty, or it has more than `mostPixels`.
    package func makeLinearization(
        imageShape: ImageShape, capacity: Int, parallelism: Parallelism
    ) throws(GlowShapeError) -> GlowLinearization {
        try requireTaken(imageShape: imageShape, capacity: capacity)
        return GlowLinearization(glow: self, imageShape: imageShape, capacity: capacity, parallelism: parallelism)
    }

    /// Throws what `makeLinearization` would, without making it.
    package func requireTaken(imageShape: ImageShape, capacity: Int) throws(GlowShapeError) {
        guard imageShape.channels == imageChannels,
            architecture.isValid(height: imageShape.height, width: imageShape.width), capacity > 0,
            Self.fits(imageShape, capacity)
        else {
            throw GlowShapeError(
                imageShape: imageShape, channels: imageChannels, multiple: sizeMultiple, fixedSize: architecture.fixedImageSize,
                capacity: capacity)
        }
    }
}

extension Glow {
    /// Makes the memory for batches of one image shape.
    ///
    /// - Parameters:
    ///   - capacity: the most images of a batch.
    ///   - threads: how many threads work at once; nil is what the machine and its cgroup offer.
    /// - Throws: `GlowShapeError` when the channels are not the model's, a side is not a multiple of `sizeMultiple`, the size is not
    ///   `GlowArchitecture.fixedImageSize` where there is one, or the batch is empty or has more than `mostPixels`.
    public func makeLinearization(imageShape: ImageShape, capacity: Int = 1, threads: Int? = nil) throws(GlowShapeError)
        -> GlowLinearization
    {
        try makeLinearization(
            imageShape: imageShape, capacity: capacity, parallelism: Parallelism(threads: threads ?? ThreadCount.available()))
    }

    /// The largest batch, in pixels of one channel: 2^31, so that no size of a buffer overflows.
    public static let mostPixels = 1 << 31

    private static func fits(_ shape: ImageShape, _ capacity: Int) -> Bool {
        let (pixels, overflow) = shape.height.multipliedReportingOverflow(by: shape.width)
        let (total, totalOverflow) = pixels.multipliedReportingOverflow(by: capacity)
        return !overflow && !totalOverflow && total <= mostPixels
    }
}

extension GlowArchitecture {
    /// Memory for the matrices of all steps, or for those of their networks alone.
    fileprivate func makeArena(_ precision: Precision, ofNetworks: Bool) -> MemoryArena {
        MemoryArena(
            bytes: steps.enumerated().reduce(0) { bytes, level in
                bytes + level.element * LoadedStep.matrixBytes(stepShape(level: level.offset), precision: precision, ofNetwork: ofNetworks)
            })
    }
}

/// A batch that a Glow does not take.
public struct GlowShapeError: ReglowError {
    /// The shape that the flow does not take.
    public let imageShape: ImageShape
    let channels: Int
    let multiple: Int
    let fixedSize: (height: Int, width: Int)?
    let capacity: Int

    public var category: ReglowErrorCategory { .problem }

    public var description: String {
        if capacity <= 0 { return "a batch of \(capacity) images" }
        if imageShape.height > Glow.mostPixels / max(1, imageShape.width) / capacity {
            return "\(capacity) images of shape \(imageShape) are more than \(Glow.mostPixels) pixels"
        }
        if let fixedSize {
            return "image shape \(imageShape): the model takes \(channels) channels of \(fixedSize.height)x\(fixedSize.width) pixels only, "
                + "because its learned prior has a number for each latent value"
        }
        return "image shape \(imageShape): the model takes \(channels) channels, and height and width that are multiples of "
            + "\(multiple)"
    }
}

extension Glow {
    /// Computes z = f(x) and log|det dz/dx| of `count` images (count, channels, height, width), in the model's range, and records the point.
    public func forward(
        _ images: [Float], count: Int, recording point: GlowLinearization,
        into latents: inout [Float], logDeterminants: inout [Double]
    ) {
        precondition(logDeterminants.count >= count, "one log-determinant for each image")
        beginForward(at: point, count: count)
        run(.forward, images, into: &latents, at: point)
        for image in 0 ..< count { logDeterminants[image] = point.logDeterminant.base[image] }
    }

    /// Computes x = g(z), g = f^-1, of `count` latents, and records the point.
    public func inverse(_ latents: [Float], count: Int, recording point: GlowLinearization, into images: inout [Float]) {
        point.begin(count)
        run(.inverse, latents, into: &images, at: point)
    }

    /// Computes dz = J_f dx at the recorded point, image tangents to latent tangents.
    public func forwardJVP(at point: GlowLinearization, tangent: [Float], into latents: inout [Float]) {
        run(.forwardJVP, tangent, into: &latents, at: point)
    }

    /// Computes J_f' w + weight * gradient of log|det J_f| at the recorded point, latent cotangents to image cotangents.
    public func forwardVJP(
        at point: GlowLinearization, cotangent: [Float], logDeterminantWeight: Float, into images: inout [Float]
    ) {
        run(.forwardVJP, cotangent, into: &images, at: point, logDeterminantWeight: logDeterminantWeight)
    }

    /// Computes dx = J_g dz at the recorded point, latent tangents to image tangents.
    public func inverseJVP(at point: GlowLinearization, tangent: [Float], into images: inout [Float]) {
        run(.inverseJVP, tangent, into: &images, at: point)
    }

    /// Computes J_g' v at the recorded point, image cotangents to latent cotangents.
    public func inverseVJP(at point: GlowLinearization, cotangent: [Float], into latents: inout [Float]) {
        run(.inverseVJP, cotangent, into: &latents, at: point)
    }
}

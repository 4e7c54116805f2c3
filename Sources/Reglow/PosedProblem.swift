import ForwardOperators
import GlowModel
import Imaging
import InverseSolvers

/// A measurement with its operator, and which unknown it is solved for.
struct PosedProblem: Sendable {
    /// Index in the list of measurements.
    let index: Int
    let posedOperator: PosedOperator
    let measurement: [Float]
    let chosen: ChosenRegularization
    /// Whether the unknown is the mirror image of the canvas.
    private(set) var isMirrored = false

    init(index: Int, _ posedOperator: PosedOperator, measurement: [Float], chosen: ChosenRegularization) {
        self.index = index
        self.posedOperator = posedOperator
        self.measurement = measurement
        self.chosen = chosen
    }

    /// Where a picture is denoised with an estimated sigma.
    var noiseBound: NoiseBound? {
        guard posedOperator.fromScene is Identity else { return nil }
        return chosen.noiseEstimate.map { NoiseBound(deviation: $0.deviation) }
    }

    /// Height and width of the unknown.
    var canvasShape: ImageShape { posedOperator.canvas.shape }

    /// The same measurement, with the mirror image of the canvas as the unknown and a regularization weight that is known.
    func mirrored(regularizationWeight: Double) -> PosedProblem {
        var problem = PosedProblem(index: index, posedOperator, measurement: measurement, chosen: chosen.settled(regularizationWeight))
        problem.isMirrored = true
        return problem
    }

    func inverseProblem(_ prior: Glow, start: Initialization?) throws -> InverseProblem {
        let forwardOperator = isMirrored ? posedOperator.fromMirroredCanvas : posedOperator.fromCanvas
        return InverseProblem(
            forwardOperator: forwardOperator,
            measurement: try forwardOperator.erasingUnmeasured(
                forwardOperator.onModelRange(measurement, pixelShift: prior.architecture.pixelShift)),
            regularizationWeight: chosen.regularizationWeight, start: start, wantedCount: posedOperator.canvas.image.measurementShape.count)
    }

    /// An image to begin at, on the canvas and in the model's range; around it its outermost pixels go on. Nil for no image.
    ///
    /// - Throws: `ProblemError` when it has not the size of the restored image, `ImageError` for channels that the prior does not take.
    func initialization(at image: Image?, _ prior: Glow) throws -> Initialization? {
        guard let image else { return nil }
        let place = posedOperator.canvas.image.measurementShape
        guard image.shape.height == place.height, image.shape.width == place.width else {
            throw ProblemError.startSize(
                Problem.ImageSize(height: image.shape.height, width: image.shape.width),
                image: Problem.ImageSize(height: place.height, width: place.width))
        }
        let canvas = try posedOperator.canvas.extending(image.converted(toChannels: prior.imageChannels).pixels)
        return .image(canvas.map { $0 + prior.architecture.pixelShift })
    }

    /// Pixel values of the part of the canvas that is the image.
    func image(of unknown: [Float], pixelShift: Float) throws -> Image {
        let canvas = posedOperator.canvas.image
        let canvasImage = isMirrored ? try posedOperator.mirroring.apply(unknown) : unknown
        return try Image(shape: canvas.measurementShape, pixels: try canvas.apply(canvasImage).map { $0 - pixelShift })
    }
}

/// A problem and where its solve begins.
struct ProblemToSolve {
    let posed: PosedProblem
    let start: Initialization?
    /// The solution for the image itself, where `posed` is for its mirror image.
    var first: SolvedProblem?
}

/// A problem and its solution.
struct SolvedProblem {
    let posed: PosedProblem
    let solution: RegularizedRestoration
    /// When the solver was called for it, which the seconds of its trace count from.
    let began: ContinuousClock.Instant

    func image(pixelShift: Float) throws -> Image { try posed.image(of: solution.restoration.image, pixelShift: pixelShift) }

    /// An entry of the trace of the second solve of a self-ensemble, whose first this is, as one of both.
    ///
    /// - Parameter secondBegan: `began` of the second.
    func continued(_ entry: Trace.Entry, secondBegan: ContinuousClock.Instant) -> Trace.Entry {
        let restoration = solution.restoration
        return entry.continuing(
            evaluations: restoration.evaluations, passes: restoration.passes, seconds: began.duration(to: secondBegan) / .seconds(1))
    }

    /// The problem for the mirror image, with the solution as the start.
    func mirrored() throws -> ProblemToSolve {
        let start = try posed.posedOperator.mirroring.apply(solution.restoration.image)
        return ProblemToSolve(posed: posed.mirrored(regularizationWeight: solution.regularizationWeight), start: .image(start), first: self)
    }
}

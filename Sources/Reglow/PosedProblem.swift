import ForwardOperators
import GlowModel
import Imaging
import InverseSolvers

/// A measurement with its operator: what is solved, and for which unknown.
struct PosedProblem: Sendable {
    /// Index in the list of measurements, by which the solver knows it too.
    let index: Int
    let posedOperator: PosedOperator
    let measurement: [Float]
    /// How many channels of the unknown hold one channel of the measurement: of a grey picture all of them, with one noise.
    var copies = 1
    let chosen: ChosenRegularization
    /// How its solves go; those that are solved together have the same minimizer.
    var options: SolverOptions
    /// Says where its solve begins, on the canvas and in the model's range; nil leaves it to the solver.
    let start: Initialization?
    /// Whether the unknown is the mirror image of the canvas.
    var isMirrored = false
    /// What an earlier process left of its solves; nil begins anew.
    var state: SolveState?

    /// Where a picture is denoised with an estimated sigma.
    var noiseBound: NoiseBound? {
        guard posedOperator.fromScene is Identity else { return nil }
        return chosen.noiseEstimate.map { NoiseBound(deviation: $0.deviation) }
    }

    /// The same, to be solved once.
    var withoutEnsemble: PosedProblem {
        var problem = self
        problem.options.ensemble = 1
        return problem
    }

    /// Height and width of the unknown.
    var canvasShape: ImageShape { posedOperator.canvas.shape }

    /// Returns the problem as the solver takes it.
    ///
    /// - Throws: `OperatorError`.
    func inverseProblem() throws -> InverseProblem {
        let forwardOperator = isMirrored ? posedOperator.fromMirroredCanvas : posedOperator.fromCanvas
        var problem = InverseProblem(
            id: index, forwardOperator: forwardOperator,
            measurement: try forwardOperator.erasingUnmeasured(posedOperator.range.measurement(measurement, of: forwardOperator)),
            regularizationWeight: chosen.regularizationWeight, criterion: chosen.criterion, start: start,
            wantedCount: posedOperator.canvas.image.measurementShape.count)
        problem.isUpright = posedOperator.isUpright
        return problem
    }

    /// Pixel values of the part of the canvas that is the image.
    func image(of unknown: [Float]) throws -> Image {
        let canvas = posedOperator.canvas.image
        let canvasImage = isMirrored ? try posedOperator.mirroring.apply(unknown) : unknown
        return try Image(shape: canvas.measurementShape, pixels: posedOperator.range.pixels(try canvas.apply(canvasImage)))
    }
}

extension PosedOperator {
    /// An image to begin at, on the canvas and in the model's range; around it its outermost pixels go on. Nil for no image.
    ///
    /// - Throws: `ProblemError` when it has not the size of the restored image, `ImageError` for channels that the prior does not take.
    func initialization(at image: Image?) throws -> Initialization? {
        guard let image else { return nil }
        let place = canvas.image.measurementShape
        guard image.shape.height == place.height, image.shape.width == place.width else {
            throw ProblemError.startSize(
                Problem.ImageSize(height: image.shape.height, width: image.shape.width),
                image: Problem.ImageSize(height: place.height, width: place.width))
        }
        return .image(range.image(try canvas.extending(image.converted(toChannels: place.channels).pixels)))
    }
}

/// A problem and its solution.
struct SolvedProblem: Sendable {
    let posed: PosedProblem
    let restoration: Restoration

    func image() throws -> Image { try posed.image(of: restoration.image) }

    /// An entry of the trace of the second solve of a self-ensemble, whose first this is, as one of both.
    func continued(_ entry: Trace.Entry) -> Trace.Entry {
        entry.continuing(evaluations: restoration.evaluations, passes: restoration.passes, seconds: restoration.seconds)
    }

    /// The problem for the mirror image: with the solution as the start, and its lambda.
    func mirrored() throws -> PosedProblem {
        PosedProblem(
            index: posed.index, posedOperator: posed.posedOperator, measurement: posed.measurement, copies: posed.copies,
            chosen: posed.chosen.settled(restoration.regularizationWeight), options: posed.options,
            start: .image(try posed.posedOperator.mirroring.apply(restoration.image)), isMirrored: true)
    }
}

import ForwardOperators
import GlowModel
import Imaging
import InverseSolvers

/// A measurement with its operator on the canvas that the flow takes.
struct PosedProblem: Sendable {
    /// Index in the list of measurements.
    let index: Int
    let canvas: Cropping
    /// From the unknown, a canvas or its mirror image, to the measurement.
    let forwardOperator: any ForwardOperator
    let measurement: [Float]
    let chosen: ChosenWeight
    /// Where the unknown is the mirror image of the canvas.
    private(set) var mirroring: Mirroring?

    init(index: Int, canvas: Cropping, forwardOperator: any ForwardOperator, measurement: [Float], chosen: ChosenWeight) {
        self.index = index
        self.canvas = canvas
        self.forwardOperator = forwardOperator
        self.measurement = measurement
        self.chosen = chosen
    }

    /// The same measurement, with the mirror image of the canvas as the unknown and a weight that is known.
    func mirrored(_ mirroring: Mirroring, weight: Double) throws -> PosedProblem {
        var problem = PosedProblem(
            index: index, canvas: canvas, forwardOperator: try Composition(forwardOperator, after: mirroring),
            measurement: measurement, chosen: chosen.settled(weight))
        problem.mirroring = mirroring
        return problem
    }

    func inverseProblem(_ prior: Glow, start: StartingPoint?) throws -> InverseProblem {
        InverseProblem(
            forwardOperator: forwardOperator,
            measurement: try forwardOperator.onModelRange(measurement, pixelShift: prior.architecture.pixelShift),
            regularizationWeight: chosen.weight, start: start)
    }

    /// Pixel values of the part of the canvas that is the image.
    func image(of unknown: [Float], pixelShift: Float) throws -> Image {
        let canvasImage = try mirroring?.apply(unknown) ?? unknown
        return try Image(shape: canvas.measurementShape, pixels: try canvas.apply(canvasImage).map { $0 - pixelShift })
    }
}

/// A problem and its solution.
struct SolvedProblem {
    let posed: PosedProblem
    let solution: WeightedRestoration

    func image(pixelShift: Float) throws -> Image { try posed.image(of: solution.restoration.image, pixelShift: pixelShift) }

    /// The problem for the mirror image, with the solution as the start.
    func mirrored() throws -> (posed: PosedProblem, start: StartingPoint?) {
        let mirroring = try Mirroring(imageShape: posed.canvas.imageShape)
        return (try posed.mirrored(mirroring, weight: solution.weight), .image(try mirroring.apply(solution.restoration.image)))
    }
}

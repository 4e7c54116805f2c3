import Measuring
import Reglow

/// A training at a model with random weights, and a batch for it.
struct TrainingStep {
    private let trainer: Trainer
    private let setup: Trainer.Setup
    private let recomputation: Recomputation
    private let batch: [Float]

    init(
        _ prior: Prior, side: Int, images: Int, _ precision: Precision, threads: Int, _ recomputation: Recomputation
    ) throws {
        let parameters = try TrainingParameters.starting(from: RandomGlow(architecture: prior.architecture(), seed: 1))
        let shape = ImageShape(channels: 3, height: side, width: side)
        var setup = Trainer.Setup(imageShape: shape, images: images)
        setup.precision = precision
        setup.threads = threads
        setup.memoryBudget = recomputation == .stored ? .max : 0
        self.setup = setup
        self.recomputation = recomputation
        trainer = try Trainer(parameters, startsActnorm: false, options: TrainingOptions(), seed: 0, setup: setup)
        batch = normalNumbers(images * shape.count, seed: 1, deviation: 0.2)
    }

    /// Seconds of one step.
    func run() throws -> Double {
        try seconds { _ = try trainer.advance(batch) }
    }

    /// Holds the gradient g of fp32 against the loss: along g it rises by |g| per unit. In bf16 g is held against that of fp32.
    ///
    /// - Throws: `WrongResult`.
    func check() throws {
        let exact = try likelihood(.fp32)
        let values = trainer.parameters.values
        var gradient = values
        _ = exact.evaluate(batch, parameters: values, gradient: &gradient)
        let square = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }
        var unused = values
        func loss(_ distance: Double) -> Double {
            let moved = zip(values, gradient).map { Float(Double($0) + distance * Double($1)) }
            return exact.evaluate(batch, parameters: moved, gradient: &unused).bitsPerDimension
        }
        // A change of the loss by 0.002, a thousand times its rounding.
        let distance = 0.001 / square
        let slope = (loss(distance) - loss(-distance)) / (2 * distance)
        guard abs(slope - square) <= 0.02 * square else {
            throw WrongResult("the loss rises by \(slope) along its gradient, whose square is \(square)")
        }
        if setup.precision != .fp32 {
            var rounded = values
            _ = try likelihood(setup.precision).evaluate(batch, parameters: values, gradient: &rounded)
            try requireCloseness("the gradient", rounded, gradient, tolerance: 0.15)
        }
    }

    private func likelihood(_ precision: Precision) throws -> LikelihoodGradient {
        try LikelihoodGradient(
            parameters: trainer.parameters, imageShape: setup.imageShape, images: setup.images, precision: precision,
            recomputation: recomputation, kernels: InstructionSet.selected().table,
            parallelism: Parallelism(threads: setup.threads))
    }
}

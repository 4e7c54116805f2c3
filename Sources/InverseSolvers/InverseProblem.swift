import ForwardOperators
import KernelInterface

/// One image to restore: y = A x + noise, and the weight of the prior.
///
/// Images are in the range of the model, x = u - 0.5 for pixel values u; so the measurement of raw pixels, A u +
/// noise, is given as y = (A u + noise) - 0.5 * A 1, which is `ModelRange.measurement(_:of:)`.
package struct InverseProblem {
    /// What its caller knows the problem by: events and errors name it.
    package var id: Int

    /// A
    package var forwardOperator: any ForwardOperator

    /// y, `forwardOperator.measurementShape.count` finite numbers.
    package var measurement: [Float]

    /// lambda >= 0. The Bayesian weight for Gaussian noise of standard deviation sigma is sigma^2.
    package var regularizationWeight: Double

    /// What the lambda of the result is to fulfil; a search for it begins at `regularizationWeight`, above 0. Nil makes that the result's own.
    package var criterion: RegularizationCriterion?

    /// Where the solver starts; nil is z = 0 in synthesis and the normalized adjoint in analysis.
    package var start: Initialization?

    /// How many numbers of the image are asked for; the others are surroundings, which the solve needs but nobody will see. Nil is all.
    package var wantedCount: Int?

    /// Whether the prior is one of upright pictures that fill its canvas, so that `Restoration.uprightness` is to be looked at.
    package var isUpright = false

    package init(
        id: Int = 0, forwardOperator: any ForwardOperator, measurement: [Float], regularizationWeight: Double,
        criterion: RegularizationCriterion? = nil, start: Initialization? = nil, wantedCount: Int? = nil
    ) {
        self.id = id
        self.criterion = criterion
        self.forwardOperator = forwardOperator
        self.measurement = measurement
        self.regularizationWeight = regularizationWeight
        self.start = start
        self.wantedCount = wantedCount
    }
}

extension InverseProblem {
    /// The terms of its objective.
    var terms: ObjectiveTerms {
        (
            DataFidelity(forwardOperator: forwardOperator, measurement: measurement),
            LatentPrior(regularizationWeight: regularizationWeight)
        )
    }

    /// - Throws: `SolverError` where the problem has another image shape than `imageShape`, arrays of other lengths than its operator's, or a number that is not finite or out of range.
    func validate(imageShape: ImageShape) throws {
        guard forwardOperator.imageShape == imageShape else {
            throw SolverError.imageShape(problem: id, expected: imageShape, found: forwardOperator.imageShape)
        }
        let expected = forwardOperator.measurementShape.count
        guard measurement.count == expected else {
            throw SolverError.length(problem: id, of: "measurement", expected: expected, found: measurement.count)
        }
        if let bad = measurement.firstIndex(where: { !$0.isFinite }) {
            throw SolverError.notFinite(problem: id, what: "measurement", position: bad)
        }
        guard regularizationWeight.isFinite, regularizationWeight >= 0,
            regularizationWeight <= Double(Float.greatestFiniteMagnitude)
        else {
            throw SolverError.regularizationWeight(problem: id, found: regularizationWeight)
        }
        if case .image(let image) = start {
            guard image.count == imageShape.count else {
                throw SolverError.length(
                    problem: id, of: "start image", expected: imageShape.count, found: image.count)
            }
            if let bad = image.firstIndex(where: { !$0.isFinite }) {
                throw SolverError.notFinite(problem: id, what: "start image", position: bad)
            }
        }
    }
}

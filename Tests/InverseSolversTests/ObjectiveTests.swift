import Foundation
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct ObjectiveTests {
    static let shape = ImageShape(channels: 1, height: 3, width: 4)
    static let flow = ToyFlow(dimension: shape.count, strength: 0.6)
    static let terms: Objective<ToyFlow>.Terms = (
        DataFidelity(
            forwardOperator: MatrixOperator(matrix: .normal(rows: 7, columns: shape.count, seed: 5), imageShape: shape),
            measurement: normalNumbers(7, seed: 6)),
        LatentPrior(regularizationWeight: 0.7)
    )

    /// The gradient against the central difference of fourth order,
    ///
    ///     (8 (E(u + h) - E(u - h)) - (E(u + 2h) - E(u - 2h))) / 12h
    ///
    /// Single precision rounds x and z to 6e-8 of themselves and E by as much: about 1e-5 of a gradient component for
    /// h = 1/32; the formula itself errs by h^4 / 30 times a fifth derivative, here of the order of 1e-6.
    @Test(arguments: [(Formulation.analysis, false), (.analysis, true), (.synthesis, false)])
    func gradientIsTheDerivative(formulation: Formulation, includeLogDeterminant: Bool) throws {
        let objective = try Objective(
            flow: Self.flow, imageShape: Self.shape, measurementCount: 7, capacity: 1, formulation: formulation,
            includeLogDeterminant: includeLogDeterminant, parallelism: Parallelism(threads: 1))
        let unknown = normalNumbers(Self.shape.count, seed: 7)

        func evaluate(_ unknown: [Float]) -> Double {
            objective.setUnknown(0, to: Vector(unknown))
            objective.evaluate([Self.terms])
            return objective.evaluations[0].objective
        }
        _ = evaluate(unknown)
        let gradient = objective.gradients
        #expect(objective.evaluations[0].gradientNorm == Vector(gradient).norm)
        let h: Float = 1 / 32
        let differences = unknown.indices.map { index in
            let values = [-2, -1, 1, 2].map { steps in
                var moved = unknown
                moved[index] += Float(steps) * h
                return evaluate(moved)
            }
            return (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * Double(h))
        }
        #expect(relativeError(gradient, differences) < 1e-4)
    }

    @Test func termsAddUp() throws {
        let objective = try Objective(
            flow: Self.flow, imageShape: Self.shape, measurementCount: 7, capacity: 1, formulation: .synthesis,
            parallelism: Parallelism(threads: 1))
        let z = normalNumbers(Self.shape.count, seed: 8)
        objective.setUnknown(0, to: Vector(z))
        objective.evaluate([Self.terms])
        let evaluation = objective.evaluations[0]
        let prior = 0.7 / 2 * z.reduce(0) { $0 + Double($1) * Double($1) }
        #expect(abs(evaluation.prior - prior) < 1e-12 * prior)
        let matrix = ReferenceMatrix.normal(rows: 7, columns: Self.shape.count, seed: 5)
        let residual = zip(matrix * objective.images.map(Double.init), normalNumbers(7, seed: 6)).map {
            $0 - Double($1)
        }
        let dataFidelity = residual.reduce(0) { $0 + $1 * $1 } / 2
        #expect(abs(evaluation.dataFidelity - dataFidelity) < 1e-5 * dataFidelity)
        #expect(evaluation.objective == evaluation.prior + evaluation.dataFidelity)
    }

    /// x and z of the two formulations are the same point with the same objective.
    @Test func formulationsAgree() throws {
        let analysis = try Objective(
            flow: Self.flow, imageShape: Self.shape, measurementCount: 7, capacity: 1, formulation: .analysis,
            parallelism: Parallelism(threads: 1))
        let synthesis = try Objective(
            flow: Self.flow, imageShape: Self.shape, measurementCount: 7, capacity: 1, formulation: .synthesis,
            parallelism: Parallelism(threads: 1))
        let x = normalNumbers(Self.shape.count, seed: 9)
        analysis.setUnknown(0, to: Vector(x))
        analysis.evaluate([Self.terms])
        synthesis.setUnknown(0, to: Vector(synthesis.unknowns(from: [x])[0]))
        synthesis.evaluate([Self.terms])
        #expect(relativeError(synthesis.images, x.map(Double.init)) < 1e-6)
        #expect(relativeError(synthesis.latents, analysis.latents.map(Double.init)) < 1e-6)
        let (a, b) = (analysis.evaluations[0].objective, synthesis.evaluations[0].objective)
        #expect(abs(a - b) < 1e-5 * a)
    }
}

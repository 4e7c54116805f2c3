import ForwardOperators
import Glibc
import KernelInterface

/// The Gaussian that the posterior of an image would be if the prior were its `StationaryPrior`. Its covariance is
///
///     C = (A'A / lambda + Q)^-1 = lambda H0,    H0 = (A'A + lambda Q)^-1
///
/// It is the metric in which a `HamiltonianChain` moves: velocities are drawn from N(0, C), and C times the gradient of the potential moves them.
///
/// H0 is found to a tolerance only. Neither use of it makes draws inexact: an inexact force is a force all the same, and the draws of
/// velocities are corrected for it.
package final class StationaryPosterior {
    /// The residual that H0 leaves in a force, and in a draw, as a part of what it is applied to.
    static let forceTolerance = 3e-4
    static let drawTolerance = 1e-4
    /// Times that a draw's residual is solved for.
    private static let mostRefinements = 4

    private let forwardOperator: any ForwardOperator
    private let regularizationWeight: Double
    private let basis: SpectralBasis
    /// lambda Q, and its factor.
    private let precision: CirculantFilter
    private let factor: CirculantFactor
    private let preconditioner: WienerPreconditioner
    private let coordinates, filtered: Vector
    private let solution, residual, correction, former: Vector
    private let measured: AlignedBuffer<Float>

    /// - Parameters:
    ///   - covariance: that of the measurement under the prior with this weight, where it is known.
    ///   - parallelism: who shares the work for a large image.
    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    package init(
        _ prior: StationaryPrior, forwardOperator: any ForwardOperator, regularizationWeight: Double, covariance: MeasurementCovariance?,
        parallelism: Parallelism
    ) throws {
        self.forwardOperator = forwardOperator
        self.regularizationWeight = regularizationWeight
        basis = try SpectralBasis(prior.imageShape, parallelism: parallelism)
        let weighted = prior.precision.scaled(by: Float(regularizationWeight))
        precision = CirculantFilter(weighted, stride: basis.stride)
        factor = CirculantFactor(weighted, stride: basis.stride)
        preconditioner = try WienerPreconditioner(
            prior, forwardOperator: forwardOperator, regularizationWeight: regularizationWeight, covariance: covariance,
            tolerance: Self.forceTolerance, parallelism: parallelism)
        let loops = VectorLoops(parallelism)
        let n = prior.imageShape.count
        (coordinates, filtered) = (Vector(count: basis.count, loops: loops), Vector(count: basis.count, loops: loops))
        (solution, residual) = (Vector(count: n, loops: loops), Vector(count: n, loops: loops))
        (correction, former) = (Vector(count: n, loops: loops), Vector(count: n, loops: loops))
        measured = AlignedBuffer(count: forwardOperator.measurementShape.count)
    }

    /// force = H0 gradient, for the gradient of E: C times that of the potential E / lambda.
    package func force(of gradient: Vector, into force: Vector) { preconditioner.apply(to: gradient, into: force) }

    /// 1/2 v' C^-1 v
    package func kineticEnergy(_ velocity: Vector) -> Double {
        multiply(velocity, into: correction)
        return velocity.dot(correction) / (2 * regularizationWeight)
    }

    /// Replaces a draw of N(0, C) by the next one of a Markov chain, nearly independent of the former.
    ///
    /// With z = C^-1 v + a draw of N(0, C^-1), and u what is found for C z, the next draw is u - v. Where u is inexact, with the residual
    /// r = z - C^-1 u, it is taken with the probability min(1, exp(-r'(v - (u - v)))), which makes N(0, C) the chain's distribution whatever the
    /// residual (C. Gilavert, S. Moussaoui, J. Idier, "Efficient Gaussian sampling for solving large-scale inverse problems using MCMC", 2015).
    ///
    /// - Returns: whether it was replaced.
    @discardableResult
    package func redraw(_ velocity: Vector, _ generator: inout SeededGenerator) -> Bool {
        drawNoise(into: residual, &generator)
        multiply(velocity, into: correction)
        residual.add(1, times: correction)
        // `residual` is lambda z from here on, and then what is left of it.
        let goal = Self.drawTolerance * residual.norm
        solution.clear()
        for _ in 0 ..< Self.mostRefinements {
            former.set(residual)
            preconditioner.apply(to: former, into: correction)
            solution.add(1, times: correction)
            multiply(correction, into: former)
            residual.add(-1, times: former)
            let left = residual.norm
            if left <= goal || !left.isFinite { break }
        }
        // v - (u - v)
        former.set(velocity, minus: solution)
        former.add(1, times: velocity)
        let change = -residual.dot(former) / regularizationWeight
        let chance = generator.nextUniform()
        guard change.isFinite, change >= 0 || chance < exp(change) else { return false }
        velocity.set(solution, minus: velocity)
        return true
    }

    /// result = (A'A + lambda Q) v
    private func multiply(_ v: Vector, into result: Vector) {
        basis.decompose(v.elements, into: coordinates)
        precision.apply(to: coordinates, into: filtered)
        basis.compose(filtered, into: result.mutableElements)
        forwardOperator.apply(v.elements, into: measured.base)
        // What the first product left in `coordinates` is not needed any more, and it has room for an image.
        forwardOperator.adjoint(measured.base, into: coordinates.mutableElements)
        VectorMath.add(result.elements, 1, times: coordinates.elements, into: result.mutableElements, count: result.count)
    }

    /// noise = a draw of lambda N(0, C^-1): the square root of lambda times A' w1 + (lambda Q)^(1/2) w2, both w white.
    private func drawNoise(into noise: Vector, _ generator: inout SeededGenerator) {
        for index in 0 ..< noise.count { noise.mutableElements[index] = Float(generator.nextNormal()) }
        basis.decompose(noise.elements, into: coordinates)
        factor.apply(to: coordinates)
        basis.compose(coordinates, into: noise.mutableElements)
        for index in 0 ..< forwardOperator.measurementShape.count { measured.base[index] = Float(generator.nextNormal()) }
        forwardOperator.adjoint(measured.base, into: coordinates.mutableElements)
        VectorMath.add(noise.elements, 1, times: coordinates.elements, into: noise.mutableElements, count: noise.count)
        noise.multiply(by: regularizationWeight.squareRoot())
    }
}

import ForwardOperators
import KernelInterface

/// The inverse Hessian of the objective in x, where the prior is its `StationaryPrior`:
///
///     H0 = (A'A + lambda Q)^-1
///
/// For a blur it is the Wiener filter. It joins both metrics of the problem: what is measured counts as in x, what is not as in
/// the latent. It knows no image and costs no pass of the flow.
///
/// Where the operator has its matrix in memory, H0 is found in closed form (`FactoredInverse`); elsewhere by conjugate gradients
/// (`IteratedInverse`).
///
/// The result is the same to the last bit for the same v, and depends on no other image. All memory is taken when it is made.
package final class WienerPreconditioner {
    private let prior: StationaryPrior
    private let forwardOperator: any ForwardOperator
    private let basis: SpectralBasis
    private let inverse: any StationaryInverse
    private let right, solution: Vector
    private let tolerance: Double

    /// - Parameters:
    ///   - covariance: that of the measurement under the prior with this weight, where it is known.
    ///   - tolerance: the residual that H0 v may leave, as a part of v.
    ///   - parallelism: who shares the work for a large image.
    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    package init(
        _ prior: StationaryPrior, forwardOperator: any ForwardOperator, regularizationWeight: Double,
        covariance: MeasurementCovariance? = nil, tolerance: Double = tolerance, parallelism: Parallelism = .serial
    ) throws {
        self.tolerance = tolerance
        self.prior = prior
        self.forwardOperator = forwardOperator
        let basis = try SpectralBasis(prior.imageShape, parallelism: parallelism)
        let weight = covariance?.regularizationWeight ?? regularizationWeight
        let precision = prior.precision.scaled(by: Float(weight))
        inverse =
            if let covariance {
                FactoredInverse(precision: precision, forwardOperator: forwardOperator, covariance: covariance, basis: basis)
            } else {
                try IteratedInverse(precision: precision, forwardOperator: forwardOperator, basis: basis, parallelism: parallelism)
            }
        self.basis = basis
        let loops = VectorLoops(parallelism)
        (right, solution) = (Vector(count: basis.count, loops: loops), Vector(count: basis.count, loops: loops))
    }

    /// The residual that H0 v leaves, as a part of v. With ten times as much, gaps of some pixels' width are filled worse.
    package static let tolerance = 3e-3

    /// result = H0 v. `result` is not `v`.
    ///
    /// - Returns: whether no number overflowed on the way; else `result` is what had been reached.
    @discardableResult
    package func apply(to v: Vector, into result: Vector) -> Bool {
        basis.decompose(v.elements, into: right)
        let isFinite = inverse.apply(to: right, into: solution, tolerance: tolerance)
        basis.compose(solution, into: result.mutableElements)
        return isFinite
    }

    /// The image that would be restored if the prior were the stationary one: mean + H0 A'(y - A mean). Nil where that overflows.
    package func posteriorMean(of measurement: [Float]) throws -> [Float]? {
        let predicted = try forwardOperator.apply(prior.mean)
        let right = Vector(try forwardOperator.adjoint(zip(measurement, predicted).map { $0 - $1 }))
        let result = Vector(count: right.count)
        guard apply(to: right, into: result) else { return nil }
        let mean = zip(prior.mean, result.array).map { $0 + $1 }
        return mean.allSatisfy(\.isFinite) ? mean : nil
    }
}

/// A way to find H0 v, for v in the coordinates of a `SpectralBasis`.
protocol StationaryInverse: AnyObject {
    /// solution = H0 v. `v` may be overwritten, and is not `solution`.
    ///
    /// - Parameter tolerance: where it is found by iterations, they stop where the residual is this part of v.
    /// - Returns: whether no number overflowed on the way.
    func apply(to v: Vector, into solution: Vector, tolerance: Double) -> Bool
}

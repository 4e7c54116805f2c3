import ForwardOperators
import KernelInterface

/// The inverse Hessian of the objective in x, where the prior is its `StationaryPrior`:
///
///     H0 = (A'A + lambda Q)^-1
///
/// For a blur it is the Wiener filter. It joins both metrics of the problem: what is measured counts as in x, what is not as in
/// the latent. It knows no image and costs no pass of the flow.
///
/// H0 v is found by conjugate gradients, preconditioned with the circulant matrix that is nearest,
///
///     M = (D + lambda Q)^-1,     D the mean spectrum of A'A
///
/// For a periodic blur the two are equal and one step is all. All vectors are coordinates in the basis of waves, where M and D act on
/// single waves and only A'A needs transforms, two a step. lambda Q d needs no product: where c = M r for a residual r,
/// lambda Q c = r - D c, and directions d are sums of such c.
///
/// The result is the same to the last bit for the same v, and depends on no other image. All memory is taken when it is made.
package final class WienerPreconditioner {
    /// Conjugate gradients stop where the residual is this part of v.
    static let tolerance = 3e-3
    static let mostSteps = 60
    /// White images from which the mean spectrum of A'A is taken.
    static let probes = 8
    /// The least mean spectrum of A'A, as a part of its largest: keeps the circulant matrix positive definite.
    static let leastSpectrum: Float = 1e-4

    private let prior: StationaryPrior
    private let forwardOperator: any ForwardOperator
    /// M
    private let inverse: CirculantFilter
    /// The diagonal of D.
    private let operatorSpectrum: Vector
    private let basis: SpectralBasis
    private let image: Vector
    private let measured: AlignedBuffer<Float>
    /// d and lambda Q d.
    private let direction, weightedDirection: Vector
    private let solution, residual, correction, product: Vector

    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    package init(_ prior: StationaryPrior, forwardOperator: any ForwardOperator, regularizationWeight: Double) throws {
        self.prior = prior
        self.forwardOperator = forwardOperator
        let basis = try SpectralBasis(prior.imageShape)
        let spectrum = try Self.meanSpectrum(of: forwardOperator)
        inverse = CirculantFilter(
            prior.precision.scaled(by: Float(regularizationWeight), plus: spectrum).inverse, stride: basis.stride)
        operatorSpectrum = basis.diagonal(spectrum)
        image = Vector(count: prior.imageShape.count)
        measured = AlignedBuffer(count: forwardOperator.measurementShape.count)
        (direction, weightedDirection) = (Vector(count: basis.count), Vector(count: basis.count))
        (solution, residual) = (Vector(count: basis.count), Vector(count: basis.count))
        (correction, product) = (Vector(count: basis.count), Vector(count: basis.count))
        self.basis = basis
    }

    /// result = H0 v. `result` is not `v`.
    ///
    /// - Returns: whether no number overflowed on the way; else `result` is what had been reached.
    @discardableResult
    package func apply(to v: Vector, into result: Vector) -> Bool {
        basis.decompose(v.elements, into: residual)
        let isFinite = solve()
        basis.compose(solution, into: result.mutableElements)
        return isFinite
    }

    /// solution = H0 residual; whether no number overflowed.
    private func solve() -> Bool {
        for vector in [solution, direction, weightedDirection] { vector.clear() }
        let goal = Self.tolerance * Self.tolerance * residual.dot(residual)
        var decrease = 0.0
        for _ in 0 ..< Self.mostSteps {
            inverse.apply(to: residual, into: correction)
            let next = residual.dot(correction)
            guard next > 0 else { return next.isFinite }
            turn(decrease > 0 ? next / decrease : 0)
            decrease = next
            applyHessian()
            let curvature = direction.dot(product)
            guard curvature > 0 else { return curvature.isFinite }
            solution.add(decrease / curvature, times: direction)
            residual.add(-decrease / curvature, times: product)
            if residual.dot(residual) <= goal { return true }
        }
        return true
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

    /// direction = correction + former * direction, and lambda Q of it.
    private func turn(_ former: Double) {
        direction.set(correction, plus: former, times: direction)
        let count = direction.count
        let (d, c, r) = (operatorSpectrum.elements, correction.elements, residual.elements)
        let (weighted, factor) = (weightedDirection.mutableElements, Float(former))
        for index in 0 ..< count { weighted[index] = r[index] - d[index] * c[index] + factor * weighted[index] }
    }

    /// product = (A'A + lambda Q) direction
    private func applyHessian() {
        basis.compose(direction, into: image.mutableElements)
        forwardOperator.apply(image.elements, into: measured.base)
        forwardOperator.adjoint(measured.base, into: image.mutableElements)
        basis.decompose(image.elements, into: product)
        product.add(1, times: weightedDirection)
    }

    /// The spectrum of the circulant matrix nearest to A'A: over white images w, that of A'A w against that of w, the mean over
    /// channels.
    private static func meanSpectrum(of forwardOperator: any ForwardOperator) throws -> [Float] {
        let shape = forwardOperator.imageShape
        let (white, answer) = (try ImageSpectrum(shape), try ImageSpectrum(shape))
        var products = [Float](repeating: 0, count: white.frequencies)
        var squares = products
        for probe in 0 ..< probes {
            var generator = SeededGenerator(seed: 0, stream: .operatorProbe, index: UInt64(probe))
            let image = (0 ..< shape.count).map { _ in Float(generator.nextNormal()) }
            image.withElements(at: 0) { white.transform($0) }
            try forwardOperator.adjoint(forwardOperator.apply(image)).withElements(at: 0) { answer.transform($0) }
            for channel in 0 ..< shape.channels {
                for k in 0 ..< white.frequencies {
                    let (a, b) = (answer.numbers.base[channel * white.frequencies + k], white.numbers.base[channel * white.frequencies + k])
                    products[k] += a.real * b.real + a.imaginary * b.imaginary
                    squares[k] += b.squaredMagnitude
                }
            }
        }
        let mean = zip(products, squares).map { $1 > 0 ? $0 / $1 : 0 }
        let least = leastSpectrum * (mean.max() ?? 0)
        return mean.map { max($0, least, .leastNormalMagnitude) }
    }
}

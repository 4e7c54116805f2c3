import ForwardOperators
import KernelInterface

/// The inverse Hessian of the objective in x, where the prior is its `StationaryPrior`:
///
///     H0 = (A'A + lambda Q)^-1
///
/// For a blur it is the Wiener filter. It joins both metrics of the problem: what is measured counts as in x, what is not as in
/// the latent. It knows no image and costs no pass of the flow.
///
/// H0 v is found by conjugate gradients on transforms and the operator, preconditioned with the circulant matrix that is nearest:
/// that with the mean spectrum of A'A in its place. For a periodic blur the two are equal and one step is all.
///
/// The result is the same to the last bit for the same v, and depends on no other image. All memory is taken when it is made.
package final class WienerPreconditioner {
    /// Conjugate gradients stop where the residual is this part of v.
    static let tolerance = 1e-2
    static let mostSteps = 60
    /// White images from which the mean spectrum of A'A is taken.
    static let probes = 8
    /// The least mean spectrum of A'A, as a part of its largest: keeps the circulant matrix positive definite.
    static let leastSpectrum: Float = 1e-4

    private let prior: StationaryPrior
    private let forwardOperator: any ForwardOperator
    private let regularizationWeight: Double
    /// (mean spectrum of A'A + lambda Q)^-1
    private let inverse: CirculantMatrix
    private let spectrum: ImageSpectrum
    private let filtered: AlignedBuffer<Complex>
    private let measured: AlignedBuffer<Float>
    private let residual, direction, correction, product: Vector

    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    package init(_ prior: StationaryPrior, forwardOperator: any ForwardOperator, regularizationWeight: Double) throws {
        self.prior = prior
        self.forwardOperator = forwardOperator
        let n = prior.imageShape.count
        spectrum = try ImageSpectrum(prior.imageShape)
        filtered = AlignedBuffer(count: spectrum.numbers.count)
        measured = AlignedBuffer(count: forwardOperator.measurementShape.count)
        (residual, direction) = (Vector(count: n), Vector(count: n))
        (correction, product) = (Vector(count: n), Vector(count: n))
        let operatorSpectrum = try Self.meanSpectrum(of: forwardOperator)
        self.regularizationWeight = regularizationWeight
        inverse = prior.precision.scaled(by: Float(regularizationWeight), plus: operatorSpectrum).inverse
    }

    /// result = H0 v. `result` is not `v`.
    ///
    /// - Returns: whether no number overflowed on the way; else `result` is what had been reached.
    @discardableResult
    package func apply(to v: Vector, into result: Vector) -> Bool {
        for index in 0 ..< result.count { result.mutableElements[index] = 0 }
        residual.set(v)
        let goal = Self.tolerance * Self.tolerance * v.dot(v)
        filter(residual, inverse, into: correction)
        direction.set(correction)
        var decrease = residual.dot(correction)
        for _ in 0 ..< Self.mostSteps {
            applyHessian(to: direction, into: product)
            let curvature = direction.dot(product)
            guard curvature > 0, decrease > 0 else { return curvature.isFinite && decrease.isFinite }
            let step = decrease / curvature
            result.add(step, times: direction)
            residual.add(-step, times: product)
            if residual.dot(residual) <= goal { return true }
            filter(residual, inverse, into: correction)
            let next = residual.dot(correction)
            direction.set(correction, plus: next / decrease, times: direction)
            decrease = next
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

    /// result = (A'A + lambda Q) x
    private func applyHessian(to x: Vector, into result: Vector) {
        filter(x, prior.precision, into: result)
        forwardOperator.apply(x.elements, into: measured.base)
        forwardOperator.adjoint(measured.base, into: correction.mutableElements)
        result.set(correction, plus: regularizationWeight, times: result)
    }

    private func filter(_ x: Vector, _ matrix: CirculantMatrix, into result: Vector) {
        spectrum.transform(x.elements)
        matrix.apply(to: spectrum.numbers.base, into: filtered.base)
        spectrum.invert(filtered.base, into: result.mutableElements)
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

import ForwardOperators
import KernelInterface

/// (A'A + lambda Q)^-1 by conjugate gradients, for an operator of which nothing is known but its products.
///
/// They are preconditioned with the circulant matrix that is nearest,
///
///     M = (D + lambda Q)^-1,     D the mean spectrum of A'A
///
/// For a periodic blur the two are equal and one step is all. All vectors are coordinates in the basis of waves, where M and D act on
/// single waves and only A'A needs transforms, two a step. lambda Q d needs no product: where c = M r for a residual r,
/// lambda Q c = r - D c, and directions d are sums of such c.
final class IteratedInverse: StationaryInverse {
    static let mostSteps = 60
    /// White images from which the mean spectrum of A'A is taken.
    static let probes = 8
    /// The least mean spectrum of A'A, as a part of its largest: keeps the circulant matrix positive definite.
    static let leastSpectrum: Float = 1e-4

    private let forwardOperator: SharedOperator
    /// M
    private let circulant: CirculantFilter
    /// The diagonal of D.
    private let operatorSpectrum: Vector
    private let basis: SpectralBasis
    private let parallelism: Parallelism
    private let image: Vector
    private let measured: AlignedBuffer<Float>
    /// d and lambda Q d.
    private let direction, weightedDirection: Vector
    private let correction, product: Vector

    /// - Parameter precision: lambda Q.
    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    init(precision: CirculantMatrix, forwardOperator: any ForwardOperator, basis: SpectralBasis, parallelism: Parallelism = .serial) throws
    {
        self.parallelism = VectorLoops.shares(basis.shape.count) ? parallelism : .serial
        let loops = VectorLoops(self.parallelism)
        self.forwardOperator = SharedOperator(forwardOperator)
        self.basis = basis
        let spectrum = try Self.meanSpectrum(of: forwardOperator)
        circulant = CirculantFilter(precision.scaled(by: 1, plus: spectrum).inverse, stride: basis.stride)
        operatorSpectrum = basis.diagonal(spectrum)
        image = Vector(count: basis.shape.count, loops: loops)
        measured = AlignedBuffer(count: forwardOperator.measurementShape.count)
        (direction, weightedDirection) = (Vector(count: basis.count, loops: loops), Vector(count: basis.count, loops: loops))
        (correction, product) = (Vector(count: basis.count, loops: loops), Vector(count: basis.count, loops: loops))
    }

    func apply(to residual: Vector, into solution: Vector, tolerance: Double) -> Bool {
        for vector in [solution, direction, weightedDirection] { vector.clear() }
        let goal = tolerance * tolerance * residual.dot(residual)
        var decrease = 0.0
        for _ in 0 ..< Self.mostSteps {
            circulant.apply(to: residual, into: correction, parallelism)
            let next = residual.dot(correction)
            guard next > 0 else { return next.isFinite }
            turn(decrease > 0 ? next / decrease : 0, residual)
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

    /// direction = correction + former * direction, and lambda Q of it, where the correction is M residual.
    private func turn(_ former: Double, _ residual: Vector) {
        direction.set(correction, plus: former, times: direction)
        let loop = WeightedLoop(
            residual: residual.elements, spectrum: operatorSpectrum.elements, correction: correction.elements, former: Float(former),
            weighted: weightedDirection.mutableElements, count: direction.count)
        VectorLoops(parallelism).forEachBlock(direction.count, loop)
    }

    /// product = (A'A + lambda Q) direction
    private func applyHessian() {
        basis.compose(direction, into: image.mutableElements)
        let span = parallelism.recorder?.begin(.minimizer)
        let unrecorded = Parallelism(threads: parallelism.threads)
        forwardOperator.apply(image.elements, into: measured.base, unrecorded)
        forwardOperator.adjoint(measured.base, into: image.mutableElements, unrecorded)
        span?.end()
        basis.decompose(image.elements, into: product)
        product.add(1, times: weightedDirection)
    }

    /// The spectrum of the circulant matrix nearest to A'A: over white images w, that of A'A w against that of w, the mean over
    /// channels.
    private static func meanSpectrum(of forwardOperator: any ForwardOperator) throws -> [Float] {
        let shape = forwardOperator.imageShape
        let spectrum = try PlaneSpectrum(height: shape.height, width: shape.width)
        var products = [Float](repeating: 0, count: spectrum.frequencies)
        var squares = products
        for probe in 0 ..< probes {
            var generator = SeededGenerator(seed: 0, stream: .operatorProbe, index: UInt64(probe))
            let image = (0 ..< shape.count).map { _ in Float(generator.nextNormal()) }
            let white = spectrum.ofChannels(of: image)
            let answer = spectrum.ofChannels(of: try forwardOperator.adjoint(forwardOperator.apply(image)))
            for (a, b) in zip(answer, white) {
                for k in 0 ..< spectrum.frequencies {
                    products[k] += a[k].real * b[k].real + a[k].imaginary * b[k].imaginary
                    squares[k] += b[k].squaredMagnitude
                }
            }
        }
        let mean = zip(products, squares).map { $1 > 0 ? $0 / $1 : 0 }
        let least = leastSpectrum * (mean.max() ?? 0)
        return mean.map { max($0, least, .leastNormalMagnitude) }
    }
}

/// weighted = residual - D correction + former * weighted
private struct WeightedLoop: LoopBody {
    let residual, spectrum, correction: UnsafePointer<Float>
    let former: Float
    let weighted: UnsafeMutablePointer<Float>
    let count: Int

    func run(task: Int, worker: Int) {
        let (start, count) = VectorLoops.range(task, of: count)
        for index in start ..< start + count {
            weighted[index] = residual[index] - spectrum[index] * correction[index] + former * weighted[index]
        }
    }
}

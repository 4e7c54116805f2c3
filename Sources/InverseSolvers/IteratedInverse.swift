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
    private var circulant: CirculantFilter
    /// D, a number for each frequency.
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
    convenience init(
        precision: CirculantMatrix, forwardOperator: any ForwardOperator, basis: SpectralBasis, parallelism: Parallelism = .serial
    ) throws {
        let shared = VectorLoops.shares(basis.shape.count) ? parallelism : .serial
        self.init(
            precision: precision, forwardOperator: forwardOperator, spectrum: try Self.meanSpectrum(of: forwardOperator, shared),
            basis: basis, parallelism: parallelism)
    }

    /// - Parameters:
    ///   - precision: lambda Q.
    ///   - spectrum: D, `meanSpectrum(of:_:)`, for who needs inverses with several lambda.
    init(
        precision: CirculantMatrix, forwardOperator: any ForwardOperator, spectrum: [Float], basis: SpectralBasis,
        parallelism: Parallelism = .serial
    ) {
        self.parallelism = VectorLoops.shares(basis.shape.count) ? parallelism : .serial
        let loops = VectorLoops(self.parallelism)
        self.forwardOperator = SharedOperator(forwardOperator)
        self.basis = basis
        circulant = CirculantFilter(precision.scaled(by: 1, plus: spectrum).inverse(self.parallelism), stride: basis.stride)
        operatorSpectrum = basis.multiplier(spectrum)
        image = Vector(count: basis.shape.count, loops: loops)
        measured = AlignedBuffer(count: forwardOperator.measurementShape.count)
        (direction, weightedDirection) = (Vector(count: basis.count, loops: loops), Vector(count: basis.count, loops: loops))
        (correction, product) = (Vector(count: basis.count, loops: loops), Vector(count: basis.count, loops: loops))
    }

    /// Takes another lambda Q, with the memory that is there.
    func use(precision: CirculantMatrix, spectrum: [Float]) {
        circulant = CirculantFilter(precision.scaled(by: 1, plus: spectrum).inverse(parallelism), stride: basis.stride)
    }

    func apply(to residual: Vector, into solution: Vector, tolerance: Double) -> Bool {
        for vector in [solution, direction, weightedDirection] { vector.clear() }
        let goal = tolerance * tolerance * residual.dot(residual)
        var decrease = step(0, residual, solution).decrease
        var turning = 0.0
        for _ in 0 ..< Self.mostSteps {
            guard decrease > 0 else { return decrease.isFinite }
            turn(turning, residual)
            let curvature = applyHessian()
            guard curvature > 0 else { return curvature.isFinite }
            let (square, next) = step(decrease / curvature, residual, solution)
            if square <= goal { return true }
            (turning, decrease) = (next / decrease, next)
        }
        return true
    }

    /// A step along the direction, in both the solution and the residual r, and then the correction M r. Returns r'r and r'M r.
    private func step(_ length: Double, _ residual: Vector, _ solution: Vector) -> (square: Double, decrease: Double) {
        let blocks = (basis.stride + Self.block - 1) / Self.block
        return withUnsafeTemporaryAllocation(of: (Double, Double).self, capacity: blocks) { sums in
            let loop = StepLoop(
                inverse: self, length: length, solution: solution.mutableElements, residual: residual.mutableElements, sums: sums)
            parallelism.forEach(blocks, .minimizer, loop)
            return sums.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
        }
    }

    /// Frequencies of a task: what it has of all vectors fits a second-level cache.
    fileprivate static let block = 1 << 10

    /// Calls `body` for the real and imaginary parts of each channel at the frequencies of a task: where they begin, and how many.
    fileprivate func forEachPart(_ task: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
        let range = frequencies(of: task)
        for plane in 0 ..< 2 * basis.shape.channels { body(plane * basis.stride + range.lowerBound, range.count) }
    }

    fileprivate func frequencies(of task: Int) -> Range<Int> { task * Self.block ..< min(basis.stride, (task + 1) * Self.block) }

    /// See `step`.
    private struct StepLoop: LoopBody {
        let inverse: IteratedInverse
        let length: Double
        let solution, residual: UnsafeMutablePointer<Float>
        let sums: UnsafeMutableBufferPointer<(Double, Double)>

        func run(task: Int, worker: Int) {
            let (direction, product) = (inverse.direction.elements, inverse.product.elements)
            let correction = inverse.correction.mutableElements
            if length != 0 {
                inverse.forEachPart(task) { start, count in
                    VectorMath.add(solution + start, length, times: direction + start, into: solution + start, count: count)
                    VectorMath.add(residual + start, -length, times: product + start, into: residual + start, count: count)
                }
            }
            inverse.circulant.apply(inverse.frequencies(of: task), to: residual, into: correction)
            var sum = (0.0, 0.0)
            inverse.forEachPart(task) { start, count in
                sum.0 += VectorMath.dot(residual + start, residual + start, count: count)
                sum.1 += VectorMath.dot(residual + start, correction + start, count: count)
            }
            sums.initializeElement(at: task, to: sum)
        }
    }

    /// direction = correction + former * direction, and lambda Q of it, where the correction is M residual.
    private func turn(_ former: Double, _ residual: Vector) {
        let loop = TurnLoop(inverse: self, residual: residual.elements, former: Float(former))
        parallelism.forEach((basis.stride + Self.block - 1) / Self.block, .minimizer, loop)
    }

    /// direction = correction + former * direction, weighted = residual - D correction + former * weighted
    private struct TurnLoop: LoopBody {
        let inverse: IteratedInverse
        let residual: UnsafePointer<Float>
        let former: Float

        func run(task: Int, worker: Int) {
            let first = inverse.frequencies(of: task).lowerBound
            let (spectrum, correction) = (inverse.operatorSpectrum.elements + first, inverse.correction.elements)
            let (direction, weighted) = (inverse.direction.mutableElements, inverse.weightedDirection.mutableElements)
            inverse.forEachPart(task) { start, count in
                for index in Swift.stride(from: 0, to: count, by: VectorMath.blockSize) {
                    let at = start + index
                    let c = VectorMath.load(correction + at)
                    VectorMath.store(c + former * VectorMath.load(direction + at), direction + at)
                    let rest = VectorMath.load(residual + at) - VectorMath.load(spectrum + index) * c
                    VectorMath.store(rest + former * VectorMath.load(weighted + at), weighted + at)
                }
            }
        }
    }

    /// product = (A'A + lambda Q) direction. Returns the curvature, direction'product.
    private func applyHessian() -> Double {
        basis.compose(direction, into: image.mutableElements)
        let span = parallelism.recorder?.begin(.minimizer)
        let unrecorded = Parallelism(threads: parallelism.threads)
        forwardOperator.applyNormal(image.mutableElements, throughMeasurement: measured.base, unrecorded)
        span?.end()
        basis.decompose(image.elements, into: product)
        let blocks = (basis.stride + Self.block - 1) / Self.block
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) { sums in
            parallelism.forEach(blocks, .minimizer, CurvatureLoop(inverse: self, product: product.mutableElements, sums: sums))
            return sums.reduce(0, +)
        }
    }

    /// product += lambda Q direction, and direction'product of a task.
    private struct CurvatureLoop: LoopBody {
        let inverse: IteratedInverse
        let product: UnsafeMutablePointer<Float>
        let sums: UnsafeMutableBufferPointer<Double>

        func run(task: Int, worker: Int) {
            let (direction, weighted) = (inverse.direction.elements, inverse.weightedDirection.elements)
            var sum = 0.0
            inverse.forEachPart(task) { start, count in
                VectorMath.add(product + start, 1, times: weighted + start, into: product + start, count: count)
                sum += VectorMath.dot(direction + start, product + start, count: count)
            }
            sums.initializeElement(at: task, to: sum)
        }
    }

    /// The spectrum of the circulant matrix nearest to A'A: over white images w, that of A'A w against that of w, the mean over
    /// channels. The entries of w are signs, each as likely.
    static func meanSpectrum(of forwardOperator: any ForwardOperator, _ parallelism: Parallelism) throws -> [Float] {
        let parallelism = forwardOperator.staysOnCallingThread ? .serial : parallelism
        let known = try parallelism.map(probes, .initialPoint) { try ProbeAnswer(forwardOperator, probe: $0) }
        let mean = (0 ..< (known.first?.products.count ?? 0)).map { k in
            let square = known.reduce(0) { $0 + $1.squares[k] }
            return square > 0 ? known.reduce(0) { $0 + $1.products[k] } / square : 0
        }
        let least = leastSpectrum * (mean.max() ?? 0)
        return mean.map { max($0, least, .leastNormalMagnitude) }
    }
}

/// What A'A makes of a white image w, over the channels: the inner product of both at each frequency, and the square of w.
private struct ProbeAnswer {
    private(set) var products, squares: [Float]

    init(_ forwardOperator: any ForwardOperator, probe: Int) throws {
        let shape = forwardOperator.imageShape
        let spectrum = try PlaneSpectrum(height: shape.height, width: shape.width)
        var generator = SeededGenerator(seed: 0, stream: .operatorProbe, index: UInt64(probe))
        let image = generator.nextSigns(shape.count)
        let white = spectrum.ofChannels(of: image)
        let answer = spectrum.ofChannels(of: try forwardOperator.adjoint(forwardOperator.apply(image)))
        products = [Float](repeating: 0, count: spectrum.frequencies)
        squares = products
        for (a, b) in zip(answer, white) {
            for k in products.indices {
                products[k] += a[k].real * b[k].real + a[k].imaginary * b[k].imaginary
                squares[k] += b[k].squaredMagnitude
            }
        }
    }
}

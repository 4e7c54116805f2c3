import ForwardOperators
import KernelInterface

/// The image that fits the measurement and is near to another one, z:
///
///     argmin |A x - y|^2 + rho |x - z|^2  =  z + (A'A + rho I)^-1 A'(y - A z)
///
/// by conjugate gradients, which the nearest circulant matrix preconditions (`IteratedInverse`).
final class ProximalDataStep {
    private let dataFidelity: DataFidelity
    private let basis: SpectralBasis
    private let operatorSpectrum: [Float]
    private let inverse: IteratedInverse
    private let parallelism: Parallelism
    private let loops: VectorLoops
    private let residual: AlignedBuffer<Float>
    private let gradient, right, solution: Vector

    /// What conjugate gradients leave of the right side: the next step begins where this one ends, so what is left is not lost.
    static let tolerance = 1e-3

    /// - Throws: what the operator throws, `OperatorError` when FFTW has no plan for the size.
    init(_ problem: InverseProblem, parallelism: Parallelism) throws {
        let shape = problem.forwardOperator.imageShape
        self.parallelism = VectorLoops.shares(shape.count) && !problem.forwardOperator.staysOnCallingThread ? parallelism : .serial
        loops = VectorLoops(self.parallelism)
        dataFidelity = DataFidelity(forwardOperator: problem.forwardOperator, measurement: problem.measurement)
        basis = try SpectralBasis(shape, parallelism: self.parallelism)
        operatorSpectrum = try IteratedInverse.meanSpectrum(of: problem.forwardOperator, self.parallelism)
        inverse = IteratedInverse(
            precision: CirculantMatrix(channels: shape.channels, frequencies: basis.frequencies),
            forwardOperator: problem.forwardOperator, spectrum: operatorSpectrum, basis: basis, parallelism: self.parallelism)
        selectsPixels = (operatorSpectrum.min() ?? 0) > (operatorSpectrum.max() ?? 0) / 4 && problem.forwardOperator.isNonnegative
        residual = AlignedBuffer(count: max(1, problem.measurement.count))
        gradient = Vector(count: shape.count, loops: loops)
        (right, solution) = (Vector(count: basis.count, loops: loops), Vector(count: basis.count, loops: loops))
    }

    /// Whether A sees all frequencies alike, as what selects pixels does, and not what blurs, averages or mixes them.
    let selectsPixels: Bool

    /// 1/2 |A z - y|^2, and its gradient for the next `move`.
    func evaluate(at z: UnsafePointer<Float>) -> Double {
        dataFidelity.evaluate(
            at: z, residual: residual.base, gradient: gradient.mutableElements, loops: loops, recorder: parallelism.recorder)
    }

    /// Moves the z of the last `evaluate` to the x of its neighbourhood that fits.
    ///
    /// - Parameter weight: rho, above 0.
    /// - Returns: whether no number overflowed; where one did, z stays.
    func move(_ z: UnsafeMutableBufferPointer<Float>, weight: Double) -> Bool {
        guard let image = z.baseAddress else { return true }
        let precision = CirculantMatrix(channels: basis.shape.channels, frequencies: basis.frequencies)
            .scaled(by: 0, plus: [Float](repeating: Float(weight), count: basis.frequencies))
        inverse.use(precision: precision, spectrum: operatorSpectrum)
        basis.decompose(gradient.elements, into: right)
        guard inverse.apply(to: right, into: solution, tolerance: Self.tolerance) else { return false }
        basis.compose(solution, into: gradient.mutableElements)
        guard gradient.maximumMagnitude.isFinite else { return false }
        loops.add(image, -1, times: gradient.elements, into: image, count: z.count)
        return true
    }
}

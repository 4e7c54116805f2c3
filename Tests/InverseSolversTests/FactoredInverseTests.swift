import ForwardOperators
import InverseSolvers
import KernelInterface
import Synchronization
import TestSupport
import Testing

/// H0 of an operator with a matrix, from the covariance of its measurement.
@Suite struct FactoredInverseTests {
    /// Tiles have 192 rows: one tile, and three of which the last is not full.
    private static let rowCounts = [1, 40, 401]

    static func matrix(_ rows: Int, imageShape: ImageShape = WienerPreconditionerTests.shape) throws -> DenseMatrix {
        try DenseMatrix.gaussian(imageShape: imageShape, measurements: rows, seed: 4, parallelism: Parallelism(threads: 2))
    }

    private static func covariance(
        _ prior: StationaryPrior, _ a: any MatrixBackedOperator, _ weight: Double, threads: Int = 1
    ) throws -> MeasurementCovariance {
        let rows = try #require(a.rows)
        return try #require(
            try MeasurementCovariance(
                prior, rows: rows, regularizationWeight: weight, parallelism: Parallelism(threads: threads)))
    }

    private static func factored(_ a: any MatrixBackedOperator, _ weight: Double, threads: Int = 1) throws -> WienerPreconditioner {
        let prior = try WienerPreconditionerTests.prior(a.imageShape)
        return try WienerPreconditioner(
            prior, forwardOperator: a, regularizationWeight: weight,
            covariance: try covariance(prior, a, weight, threads: threads))
    }

    /// H0 (A'A + lambda Q) v = v to rounding, which S = I + 768 / 9 lambda of one row magnifies; conjugate gradients are right to some
    /// percent only.
    @Test(arguments: rowCounts, [(1, 2e-6), (1e-2, 2e-4), (1e-4, 2e-2)]) func invertsTheHessian(
        rows: Int, weight: (lambda: Double, tolerance: Double)
    ) throws {
        let a = try Self.matrix(rows)
        try Self.expectInverse(of: a, try Self.factored(a, weight.lambda), weight.lambda, within: weight.tolerance)
    }

    @Test func invertsThatOfAPartOfACanvas() throws {
        let part = ImageShape(channels: 3, height: 14, width: 11)
        let a = try Composition(
            try Self.matrix(50, imageShape: part), after: try Cropping.padding(part, toMultipleOf: 16))
        try Self.expectInverse(of: a, try Self.factored(a, 1e-2), 1e-2, within: 2e-4)
    }

    /// With a weight below what single precision bears, it is the inverse for a larger one: still symmetric and positive.
    @Test(arguments: [1e-8, 1e-12, 1e-300, 0]) func aVanishingWeightLeavesItPositive(weight: Double) throws {
        let preconditioner = try Self.factored(try Self.matrix(401), weight)
        for seed in 0 ..< 4 {
            let a = normalNumbers(WienerPreconditionerTests.shape.count, seed: 70 + UInt64(seed))
            let b = normalNumbers(WienerPreconditionerTests.shape.count, seed: 80 + UInt64(seed))
            let (ha, hb) = (
                WienerPreconditionerTests.applied(preconditioner, to: a), WienerPreconditionerTests.applied(preconditioner, to: b)
            )
            let scale = (inner(a, ha) * inner(b, hb)).squareRoot()
            #expect(inner(a, ha) > 0)
            #expect(abs(inner(a, hb) - inner(b, ha)) < 1e-3 * scale)
        }
    }

    @Test func threadsDoNotChangeBits() throws {
        let a = try Self.matrix(401)
        let v = normalNumbers(a.imageShape.count, seed: 9)
        let answers = try [1, 2, 3, 8].map { WienerPreconditionerTests.applied(try Self.factored(a, 1e-3, threads: $0), to: v) }
        #expect(answers.allSatisfy { $0 == answers[0] })
    }

    /// An evaluation has one product with A, and an iterate in the image two more for H0; conjugate gradients take many.
    @Test func aSolveUsesTheMatrixThatIsInMemory() throws {
        let shape = ImageShape(channels: 1, height: 8, width: 8)
        let flow = ToyFlow(dimension: shape.count, strength: 0.5)
        let matrix = try Self.matrix(20, imageShape: shape)
        var options = InitializerTests.options
        options.maximumEvaluations = 40
        func products(withRows: Bool) throws -> Int {
            let counting = CountingOperator(matrix, rows: withRows ? matrix.rows : nil)
            let problem = InverseProblem(
                forwardOperator: counting, measurement: normalNumbers(20, seed: 91), regularizationWeight: 1e-3)
            let solved = try Solver(flow: flow, options: options, parallelism: Parallelism(threads: 1)).restore([problem])[0]
            return counting.products - 3 * solved.evaluations
        }
        #expect(try products(withRows: true) <= 4)
        #expect(try products(withRows: false) > 40)
    }

    /// H0 (A'A v + w) = v for lambda Q v = w, which an operator that sees nothing gives.
    private static func expectInverse(
        of a: any ForwardOperator, _ preconditioner: WienerPreconditioner, _ weight: Double, within tolerance: Double
    ) throws {
        let blind = try WienerPreconditioner(
            try WienerPreconditionerTests.prior(a.imageShape), forwardOperator: BlindOperator(imageShape: a.imageShape),
            regularizationWeight: weight)
        let w = normalNumbers(a.imageShape.count, seed: 5)
        let v = WienerPreconditionerTests.applied(blind, to: w)
        let again = WienerPreconditionerTests.applied(preconditioner, to: zip(try a.adjoint(a.apply(v)), w).map { $0 + $1 })
        #expect(relativeError(again, v.map(Double.init)) < tolerance)
    }
}

/// Counts how often a matrix is applied.
private final class CountingOperator: MatrixBackedOperator {
    private let matrix: DenseMatrix
    private let count = Mutex(0)
    let rows: MatrixRows?

    init(_ matrix: DenseMatrix, rows: MatrixRows?) { (self.matrix, self.rows) = (matrix, rows) }

    var products: Int { count.withLock { $0 } }
    var imageShape: ImageShape { matrix.imageShape }
    var measurementShape: ImageShape { matrix.measurementShape }
    var isNonnegative: Bool { matrix.isNonnegative }

    func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        count.withLock { $0 += 1 }
        matrix.apply(image, into: measurement)
    }

    func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        matrix.adjoint(measurement, into: image)
    }
}

import COpenBLAS
import ForwardOperators
import KernelInterface

/// The covariance of a measurement y = A x + noise of variance 1, where x has that of the stationary prior, as its Cholesky factor:
///
///     S = I + A P A' = L L',     P = (lambda Q)^-1
///
/// It takes M^2 n / 2 multiplications and M^3 / 6, for M rows of n numbers, and is good for the whole solve.
///
/// Where lambda is so small that I is lost beside A P A' in single precision, S is that of a larger one.
package final class MeasurementCovariance: @unchecked Sendable {
    /// Rows of which S is 1 GiB.
    static let mostRows = 1 << 14
    /// Lambda that leaves P within single precision.
    private static let leastWeight = 1e-15
    /// Rows of A of a tile of S.
    private static let tileRows = 192
    /// Most numbers in the rows of a tile.
    private static let tileNumbers = 1 << 24

    /// lambda, or the least one that leaves I a digit.
    let regularizationWeight: Double
    private let size: Int
    /// S below and on its diagonal, row-major; then L.
    private let factor: AlignedBuffer<Float>

    /// Returns nil where there are too many rows, or S overflows or is not positive definite in single precision.
    ///
    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    package init?(
        _ prior: StationaryPrior, rows: MatrixRows, regularizationWeight: Double, parallelism: Parallelism
    ) throws {
        guard rows.count <= Self.mostRows else { return nil }
        size = rows.count
        factor = try Self.predicted(prior, rows, parallelism)
        let least = Double(Self.largestRowSum(factor.base, size)) * Double(Float.ulpOfOne) / 2
        self.regularizationWeight = max(regularizationWeight, least)
        guard least.isFinite, self.regularizationWeight > Self.leastWeight else { return nil }
        let scale = Float(1 / self.regularizationWeight)
        for index in 0 ..< size * size { factor.base[index] *= scale }
        for row in 0 ..< size { factor.base[row * size + row] += 1 }
        guard Self.factorize(factor.base, size) else { return nil }
    }

    /// A Q^-1 A', the lower half, tile by tile.
    private static func predicted(
        _ prior: StationaryPrior, _ rows: MatrixRows, _ parallelism: Parallelism
    ) throws -> AlignedBuffer<Float> {
        let (size, columns) = (rows.count, rows.imageShape.count)
        let tile = max(1, min(tileRows, tileNumbers / columns, size))
        let shared = Parallelism(threads: min(parallelism.threads, tile))
        let scratch = try (0 ..< shared.threads).map { _ in try TileScratch(prior, rows: tile) }
        let filtered = AlignedBuffer<Float>(count: tile * columns)
        let result = AlignedBuffer<Float>(count: size * size)
        for first in stride(from: 0, to: size, by: tile) {
            let count = min(tile, size - first)
            shared.forEach(count) { row, worker in
                scratch[worker].filter(first + row, of: rows, into: filtered.base + row * columns)
            }
            shared.forEach(first / tile + 1) { other, worker in
                let start = other * tile
                scratch[worker].multiply(
                    filtered.base, count, rows, start ..< min(start + tile, size), into: result.base + first * size + start, stride: size)
            }
        }
        return result
    }

    /// The largest sum of magnitudes of a row of the symmetric matrix whose lower half is given. It is at least the largest eigenvalue.
    private static func largestRowSum(_ lower: UnsafePointer<Float>, _ size: Int) -> Float {
        var sums = [Float](repeating: 0, count: size)
        for row in 0 ..< size {
            for column in 0 ... row {
                let entry = abs(lower[row * size + column])
                sums[row] += entry
                if column < row { sums[column] += entry }
            }
        }
        return sums.max() ?? 0
    }

    /// S = L L' in place; whether S is positive definite. The lower half of a row-major matrix is the upper one of LAPACK's.
    private static func factorize(_ lower: UnsafeMutablePointer<Float>, _ size: Int) -> Bool {
        var (order, stride, info) = (Int32(size), Int32(size), Int32(0))
        var half = CChar(UInt8(ascii: "U"))
        _ = spotrf_(&half, &order, lower, &stride, &info)
        return info == 0
    }

    /// y = S^-1 y.
    func solve(_ y: UnsafeMutablePointer<Float>) {
        let order = Int32(size)
        for transpose in [CblasNoTrans, CblasTrans] {
            cblas_strsv(CblasRowMajor, CblasLower, transpose, CblasNonUnit, order, factor.base, order, y, 1)
        }
    }
}

/// What a thread needs for its part of A Q^-1 A'.
private final class TileScratch: @unchecked Sendable {
    private let shape: ImageShape
    private let basis: SpectralBasis
    private let circulant: CirculantFilter
    private let coordinates, filtered: Vector
    private let others: AlignedBuffer<Float>

    init(_ prior: StationaryPrior, rows: Int) throws {
        shape = prior.imageShape
        basis = try SpectralBasis(shape)
        circulant = CirculantFilter(prior.precision.inverse(), stride: basis.stride)
        (coordinates, filtered) = (Vector(count: basis.count), Vector(count: basis.count))
        others = AlignedBuffer(count: rows * shape.count)
    }

    /// image = Q^-1 times a row.
    func filter(_ row: Int, of rows: MatrixRows, into image: UnsafeMutablePointer<Float>) {
        rows.write(row, into: image)
        basis.decompose(image, into: coordinates)
        circulant.apply(to: coordinates, into: filtered)
        basis.compose(filtered, into: image)
    }

    /// tile = `filtered` times the transpose of some rows of A.
    func multiply(
        _ filtered: UnsafePointer<Float>, _ count: Int, _ rows: MatrixRows, _ range: Range<Int>,
        into tile: UnsafeMutablePointer<Float>, stride: Int
    ) {
        for (index, row) in range.enumerated() { rows.write(row, into: others.base + index * shape.count) }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(count), Int32(range.count), Int32(shape.count), 1, filtered,
            Int32(shape.count), others.base, Int32(shape.count), 0, tile, Int32(stride))
    }
}

import COpenBLAS
import KernelInterface

/// Compressive sensing: y = A x for a matrix of `measurements` x n single precision numbers, n = `imageShape.count`.
///
/// A product is cut into blocks of a fixed size, rows of A for `apply` and columns for `adjoint`, which the threads share.
/// OpenBLAS computes a block on one thread, so the sums do not depend on the number of threads. For this, the
/// first matrix sets OpenBLAS to one thread for the whole process; a program that raises the number again may change last bits.
package struct DenseMatrix: MatrixBackedOperator {
    package let imageShape: ImageShape
    package let measurementShape: ImageShape
    package let isNonnegative: Bool
    package let rows: MatrixRows?
    private let entries: AlignedBuffer<Float>
    private let parallelism: Parallelism

    /// Largest size of a matrix: 8 GiB.
    package static let largestBytes = 8 << 30

    /// Rows in a block of `apply` and columns in a block of `adjoint`. Both keep a block of one row in the caches, and give
    /// some tens of blocks for an image of 64x64.
    private static let blockRows = 32
    private static let blockColumns = 512

    /// A matrix with the given entries, row-major.
    ///
    /// - Throws: `OperatorError` when there are not `measurements` * n entries, one is not finite, `measurements` is below 1,
    ///   the matrix is larger than `largestBytes`, or the shape is unusable.
    package init(imageShape: ImageShape, measurements: Int, entries: [Float], parallelism: Parallelism) throws {
        let count = try DenseMatrix.requireEntryCount(imageShape, measurements)
        try OperatorError.requireCount(entries.count, count, of: "matrix")
        try OperatorError.requireFinite(entries, "matrix")
        try self.init(
            imageShape: imageShape, measurements: measurements, parallelism: parallelism,
            isNonnegative: entries.allSatisfy { $0 >= 0 })
        entries.withUnsafeBufferPointer { source in
            guard let source = source.baseAddress else { return }
            self.entries.base.update(from: source, count: count)
        }
    }

    /// A matrix of independent normal numbers with mean 0 and variance 1/M, M = `measurements`.
    ///
    /// With this variance A' A is the identity on average and |A x|^2 has the mean |x|^2, so that a noise level and a
    /// regularization weight mean the same for any M as for the other operators. Row r is drawn in order from the stream
    /// `.matrix`, index r, of `seed`.
    ///
    /// - Throws: `OperatorError` as the initializer does.
    package static func gaussian(
        imageShape: ImageShape, measurements: Int, seed: UInt64, parallelism: Parallelism
    ) throws -> DenseMatrix {
        let matrix = try DenseMatrix(
            imageShape: imageShape, measurements: measurements, parallelism: parallelism, isNonnegative: false)
        let columns = imageShape.count
        let deviation = (1 / Double(measurements)).squareRoot()
        parallelism.forEach(measurements) { row, _ in
            var generator = SeededGenerator(seed: seed, stream: .matrix, index: UInt64(row))
            let entries = matrix.entries.base + row * columns
            for column in 0 ..< columns { entries[column] = Float(deviation * generator.nextNormal()) }
        }
        return matrix
    }

    /// A matrix of zeros, for the other initializers to fill.
    private init(imageShape: ImageShape, measurements: Int, parallelism: Parallelism, isNonnegative: Bool) throws {
        let count = try DenseMatrix.requireEntryCount(imageShape, measurements)
        self.imageShape = imageShape
        measurementShape = try ImageShape(channels: 1, height: 1, width: measurements).requireUsable()
        self.isNonnegative = isNonnegative
        self.parallelism = parallelism
        entries = AlignedBuffer(count: count)
        rows = MatrixRows(count: measurements, imageShape: imageShape) { [entries] row, image in
            image.update(from: entries.base + row * imageShape.count, count: imageShape.count)
        }
        _ = BLASThreads.single
    }

    /// Entries of the matrix, when its size is allowed.
    private static func requireEntryCount(_ imageShape: ImageShape, _ measurements: Int) throws -> Int {
        let columns = try imageShape.requireUsable().count
        let largest = largestBytes / MemoryLayout<Float>.stride / columns
        guard measurements >= 1, measurements <= largest else {
            throw OperatorError.outOfRange(
                parameter: "the number of measurements", value: "\(measurements)",
                allowed: "at least 1 and at most \(largest), a matrix of 8 GiB for an image of \(imageShape)")
        }
        return measurements * columns
    }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        multiply(CblasNoTrans, image, into: measurement, count: measurementShape.count, blockSize: DenseMatrix.blockRows)
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        multiply(CblasTrans, measurement, into: image, count: imageShape.count, blockSize: DenseMatrix.blockColumns)
    }

    private func multiply(
        _ transpose: CBLAS_TRANSPOSE, _ vector: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>, count: Int,
        blockSize: Int
    ) {
        let product = BlockedProduct(
            matrix: entries.base, rows: measurementShape.count, columns: imageShape.count, transpose: transpose, vector: vector,
            output: output, count: count, blockSize: blockSize)
        parallelism.forEach((count + blockSize - 1) / blockSize, .loop, product)
    }
}

/// output = B v or B' v, in blocks of `blockSize` numbers of the output, of which there are `count`.
private struct BlockedProduct: LoopBody {
    let matrix: UnsafePointer<Float>
    let rows: Int
    let columns: Int
    let transpose: CBLAS_TRANSPOSE
    let vector: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let count: Int
    let blockSize: Int

    /// The product is added to zeros because versions of OpenBLAS differ in what a factor of 0 makes of NaN in old output.
    func run(task block: Int, worker: Int) {
        let first = block * blockSize
        let size = min(blockSize, count - first)
        let isTransposed = transpose == CblasTrans
        (output + first).update(repeating: 0, count: size)
        cblas_sgemv(
            CblasRowMajor, transpose, Int32(isTransposed ? rows : size), Int32(isTransposed ? size : columns), 1,
            matrix + first * (isTransposed ? 1 : columns), Int32(columns), vector, 1, 1, output + first, 1)
    }
}

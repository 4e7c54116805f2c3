import CFFTW
import ForwardOperators
import KernelInterface

/// An image as coordinates in an orthonormal basis of waves, channel by channel: inner products are those of the images.
///
/// Channel c has its real parts at 2 c `stride` and its imaginary parts at (2 c + 1) `stride`, in the order of FFTW's half spectrum;
/// what is between `frequencies` and `stride` is 0. Of the waves whose conjugates a half spectrum leaves out, each stands for two.
package final class SpectralBasis {
    let shape: ImageShape
    private let parallelism: Parallelism
    private let transform: BlockedFourierTransform
    /// The half spectrum of each channel.
    private let spectra: AlignedBuffer<fftwf_complex>
    /// Rows of one block, for each worker.
    private let rows: [AlignedBuffer<Float>]

    /// - Parameter parallelism: who shares the transforms of large images.
    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    package init(_ shape: ImageShape, parallelism: Parallelism = .serial) throws {
        let parallelism = VectorLoops.shares(shape.count) ? parallelism : .serial
        let transform = try BlockedFourierTransform.of(height: shape.height, width: shape.width)
        (self.shape, self.parallelism, self.transform) = (shape, parallelism, transform)
        spectra = AlignedBuffer(count: shape.channels * transform.spectrumCount)
        rows = (0 ..< parallelism.threads).map { _ in AlignedBuffer(count: transform.rowsCount) }
    }

    var frequencies: Int { transform.rowFrequencies * shape.height }
    /// A multiple of the blocks of `VectorMath`, so that a loop over a plane has whole blocks only.
    var stride: Int { (frequencies + VectorMath.blockSize - 1) / VectorMath.blockSize * VectorMath.blockSize }
    package var count: Int { 2 * shape.channels * stride }

    /// v = the coordinates of the image at x.
    package func decompose(_ x: UnsafePointer<Float>, into v: Vector) {
        parallelism.region(nil, Decomposing(basis: self, x: x, v: v.mutableElements))
    }

    /// x = the image with the coordinates v.
    package func compose(_ v: Vector, into x: UnsafeMutablePointer<Float>) {
        parallelism.region(nil, Composing(basis: self, v: v.elements, x: x))
    }

    private func spectrum(_ channel: Int) -> UnsafeMutablePointer<fftwf_complex> { spectra.base + channel * transform.spectrumCount }

    /// The numbers of a plane that a block of rows has.
    private func numbers(ofRowBlock block: Int) -> (first: Int, count: Int) {
        let first = block * transform.rowsCount
        return (first, min(transform.rowsCount, shape.pixels - first))
    }

    /// What the numbers of a column are multiplied with. Those whose conjugates are in the half spectrum too, the first column and the last one
    /// of an even width, get another factor.
    private func scale(ofColumn column: Int, _ both: Float, single: Float) -> Float {
        let isLast = column == transform.rowFrequencies - 1
        return column == 0 || isLast && shape.width > 1 && shape.width.isMultiple(of: 2) ? single : both
    }

    /// The numbers of a block of columns: `scales` has what each column is multiplied with.
    private func forEachRow(ofColumnBlock block: Int, _ body: (_ inSpectrum: Int, _ coordinate: Int) -> Void) {
        let first = block * BlockedFourierTransform.block
        let (rowStride, frequencies) = (transform.rowStride, transform.rowFrequencies)
        for row in 0 ..< shape.height { body(row * rowStride + first, row * frequencies + first) }
    }

    /// Columns of a block that count.
    private func columns(ofBlock block: Int) -> Int {
        min(BlockedFourierTransform.block, transform.rowFrequencies - block * BlockedFourierTransform.block)
    }

    private struct Decomposing: RegionProgram {
        let basis: SpectralBasis
        let x: UnsafePointer<Float>
        let v: UnsafeMutablePointer<Float>

        func run(_ team: inout Team) {
            let (transform, channels) = (basis.transform, basis.shape.channels)
            team.phase(channels * transform.rowBlocks, .minimizer) { task, worker in
                let (channel, block) = (task / transform.rowBlocks, task % transform.rowBlocks)
                let (first, count) = basis.numbers(ofRowBlock: block)
                let rows = basis.rows[worker].base
                rows.update(from: x + channel * basis.shape.pixels + first, count: count)
                transform.forwardRows(rows, block: block, into: basis.spectrum(channel))
            }
            team.phase(channels * transform.columnBlocks, .minimizer) { task, _ in
                let (channel, block) = (task / transform.columnBlocks, task % transform.columnBlocks)
                let spectrum = basis.spectrum(channel)
                transform.forwardColumns(of: spectrum, block: block)
                let (real, imaginary) = (v + 2 * channel * basis.stride, v + (2 * channel + 1) * basis.stride)
                let both = (2 / Float(basis.shape.pixels)).squareRoot()
                let columns = basis.columns(ofBlock: block)
                basis.withScales(ofColumnBlock: block, both, single: both * Float(0.5).squareRoot()) { scales in
                    basis.forEachRow(ofColumnBlock: block) { inSpectrum, coordinate in
                        split(spectrum + inSpectrum, scales, real + coordinate, imaginary + coordinate, count: columns)
                    }
                }
            }
        }
    }

    private struct Composing: RegionProgram {
        let basis: SpectralBasis
        let v: UnsafePointer<Float>
        let x: UnsafeMutablePointer<Float>

        func run(_ team: inout Team) {
            let (transform, channels) = (basis.transform, basis.shape.channels)
            team.phase(channels * transform.columnBlocks, .minimizer) { task, _ in
                let (channel, block) = (task / transform.columnBlocks, task % transform.columnBlocks)
                let spectrum = basis.spectrum(channel)
                let (real, imaginary) = (v + 2 * channel * basis.stride, v + (2 * channel + 1) * basis.stride)
                let both = (1 / (2 * Float(basis.shape.pixels))).squareRoot()
                let columns = basis.columns(ofBlock: block)
                basis.withScales(ofColumnBlock: block, both, single: both * Float(2).squareRoot()) { scales in
                    basis.forEachRow(ofColumnBlock: block) { inSpectrum, coordinate in
                        join(real + coordinate, imaginary + coordinate, scales, spectrum + inSpectrum, count: columns)
                    }
                }
                transform.inverseColumns(of: spectrum, block: block)
            }
            team.phase(channels * transform.rowBlocks, .minimizer) { task, worker in
                let (channel, block) = (task / transform.rowBlocks, task % transform.rowBlocks)
                let (first, count) = basis.numbers(ofRowBlock: block)
                let rows = basis.rows[worker].base
                transform.inverseRows(basis.spectrum(channel), block: block, into: rows)
                (x + channel * basis.shape.pixels + first).update(from: rows, count: count)
            }
        }
    }

    /// Calls `body` with what the columns of a block are multiplied with.
    private func withScales(ofColumnBlock block: Int, _ both: Float, single: Float, _ body: (UnsafePointer<Float>) -> Void) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: BlockedFourierTransform.block) { scales in
            for column in scales.indices {
                let scale = scale(ofColumn: block * BlockedFourierTransform.block + column, both, single: single)
                scales.initializeElement(at: column, to: scale)
            }
            if let base = scales.baseAddress { body(base) }
        }
    }

    /// A number for each frequency, `stride` of them: 0 for those that are no frequencies.
    func multiplier(_ numbers: [Float]) -> Vector {
        let result = Vector(count: stride)
        for (k, number) in numbers.enumerated() { result.mutableElements[k] = number }
        return result
    }
}

/// real + i imaginary = scales * numbers, for at most a block of columns.
@inline(__always)
private func split(
    _ numbers: UnsafePointer<fftwf_complex>, _ scales: UnsafePointer<Float>, _ real: UnsafeMutablePointer<Float>,
    _ imaginary: UnsafeMutablePointer<Float>, count: Int
) {
    guard count == 16 else {
        for column in 0 ..< count {
            (real[column], imaginary[column]) = (numbers[column].0 * scales[column], numbers[column].1 * scales[column])
        }
        return
    }
    for column in Swift.stride(from: 0, to: 16, by: VectorMath.blockSize) {
        let pairs = UnsafeRawPointer(numbers + column).loadUnaligned(as: SIMD16<Float>.self)
        let scale = VectorMath.load(scales + column)
        VectorMath.store(pairs.evenHalf * scale, real + column)
        VectorMath.store(pairs.oddHalf * scale, imaginary + column)
    }
}

/// numbers = scales * (real + i imaginary), for at most a block of columns.
@inline(__always)
private func join(
    _ real: UnsafePointer<Float>, _ imaginary: UnsafePointer<Float>, _ scales: UnsafePointer<Float>,
    _ numbers: UnsafeMutablePointer<fftwf_complex>, count: Int
) {
    guard count == 16 else {
        for column in 0 ..< count { numbers[column] = (real[column] * scales[column], imaginary[column] * scales[column]) }
        return
    }
    for column in Swift.stride(from: 0, to: 16, by: VectorMath.blockSize) {
        let scale = VectorMath.load(scales + column)
        var pairs = SIMD16<Float>()
        pairs.evenHalf = VectorMath.load(real + column) * scale
        pairs.oddHalf = VectorMath.load(imaginary + column) * scale
        UnsafeMutableRawPointer(numbers + column).storeBytes(of: pairs, as: SIMD16<Float>.self)
    }
}

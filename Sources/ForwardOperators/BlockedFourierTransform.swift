import CFFTW
import KernelInterface
import Synchronization

/// The discrete Fourier transform of real planes of one size, by FFTW, in blocks of rows and of columns that threads may share.
///
/// The half spectrum of a plane has `rowStride` numbers in a row, of which the first width / 2 + 1 count, and whole blocks of rows and columns. Forward are first
/// all blocks of rows, then all blocks of columns; back it is the other way round. There is no factor: both after each other multiply by
/// height * width.
///
/// Plans are estimated, for the reason that `FourierTransform` gives, which holds the lock that FFTW's planner needs.
package final class BlockedFourierTransform: @unchecked Sendable {
    /// Rows and columns of a block: rows of it begin at whole cache lines, whatever the width.
    package static let block = 16

    package let height, width: Int
    /// Complex numbers from row to row of a spectrum: whole blocks, and no multiple of a page, which would be one place of a cache for all rows.
    package let rowStride: Int
    private let plans: Plans

    /// FFTW's plans for a block.
    private struct Plans {
        let rows, columns, columnsBack, rowsBack: fftwf_plan
    }

    private struct Size: Hashable {
        let height: Int
        let width: Int
    }

    private static let planned = Mutex<[Size: BlockedFourierTransform]>([:])

    /// The transform of this size, planned on first use and kept for good.
    ///
    /// - Throws: `OperatorError.noFourierPlan`.
    package static func of(height: Int, width: Int) throws -> BlockedFourierTransform {
        try planned.withLock { planned in
            let size = Size(height: height, width: width)
            if let transform = planned[size] { return transform }
            let transform = try FourierTransform.withPlanner { try BlockedFourierTransform(planningHeight: height, width: width) }
            planned[size] = transform
            return transform
        }
    }

    private init(planningHeight height: Int, width: Int) throws {
        (self.height, self.width) = (height, width)
        let blocks = (width / 2 + 1 + Self.block - 1) / Self.block
        let stride = Self.block * blocks
        rowStride = stride.isMultiple(of: 256) ? stride + Self.block : stride
        let real = AlignedBuffer<Float>(count: Self.block * width)
        let spectrum = AlignedBuffer<fftwf_complex>(count: rowStride * max(height, Self.block))
        guard let rows = Int32(exactly: height), let columns = Int32(exactly: width), let step = Int32(exactly: rowStride) else {
            throw OperatorError.noFourierPlan(height: height, width: width)
        }
        let block = Int32(Self.block)
        let made = withUnsafePointer(to: columns) { columns in
            withUnsafePointer(to: rows) { rows in
                (
                    fftwf_plan_many_dft_r2c(
                        1, columns, block, real.base, nil, 1, columns.pointee, spectrum.base, nil, 1, step, FFTW_ESTIMATE),
                    fftwf_plan_many_dft(
                        1, rows, block, spectrum.base, nil, step, 1, spectrum.base, nil, step, 1, FFTW_FORWARD, FFTW_ESTIMATE),
                    fftwf_plan_many_dft(
                        1, rows, block, spectrum.base, nil, step, 1, spectrum.base, nil, step, 1, FFTW_BACKWARD, FFTW_ESTIMATE),
                    fftwf_plan_many_dft_c2r(
                        1, columns, block, spectrum.base, nil, 1, step, real.base, nil, 1, columns.pointee, FFTW_ESTIMATE)
                )
            }
        }
        guard let forward = made.0, let down = made.1, let up = made.2, let back = made.3 else {
            for plan in [made.0, made.1, made.2, made.3] { plan.map { fftwf_destroy_plan($0) } }
            throw OperatorError.noFourierPlan(height: height, width: width)
        }
        plans = Plans(rows: forward, columns: down, columnsBack: up, rowsBack: back)
    }

    /// Numbers of a row that count: width / 2 + 1.
    package var rowFrequencies: Int { width / 2 + 1 }
    /// Blocks of rows, the last of which may be fuller than the plane.
    package var rowBlocks: Int { (height + Self.block - 1) / Self.block }
    /// Blocks of columns.
    package var columnBlocks: Int { (rowFrequencies + Self.block - 1) / Self.block }
    /// Complex numbers of a spectrum.
    package var spectrumCount: Int { rowBlocks * Self.block * rowStride }
    /// Real numbers of a block of rows.
    package var rowsCount: Int { Self.block * width }

    /// Transforms a block of rows, which stands at `rows`, aligned as `AlignedBuffer` aligns, into the rows of the spectrum.
    package func forwardRows(_ rows: UnsafeMutablePointer<Float>, block: Int, into spectrum: UnsafeMutablePointer<fftwf_complex>) {
        fftwf_execute_dft_r2c(plans.rows, rows, spectrum + block * Self.block * rowStride)
    }

    /// Transforms a block of columns in place, after all rows.
    package func forwardColumns(of spectrum: UnsafeMutablePointer<fftwf_complex>, block: Int) {
        let first = spectrum + block * Self.block
        fftwf_execute_dft(plans.columns, first, first)
    }

    /// Transforms a block of columns back, in place.
    package func inverseColumns(of spectrum: UnsafeMutablePointer<fftwf_complex>, block: Int) {
        let first = spectrum + block * Self.block
        fftwf_execute_dft(plans.columnsBack, first, first)
    }

    /// Transforms a block of rows back to `rows`, after all columns; it may overwrite them in the spectrum.
    package func inverseRows(_ spectrum: UnsafeMutablePointer<fftwf_complex>, block: Int, into rows: UnsafeMutablePointer<Float>) {
        fftwf_execute_dft_c2r(plans.rowsBack, spectrum + block * Self.block * rowStride, rows)
    }
}

import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// `KernelTable.gather` against its contract, `PatchGather`.
@Suite struct PatchGatherTests {
    static let channels = 3

    /// The gathered patches of the source, in one call or one call per vector.
    private func gathered(
        _ set: InstructionSet, _ grid: ImageGrid, mirrored: Bool, source: GuardedPanel<Float>, precision: Precision = .fp32,
        border: Bool = false, byVector: Bool = false
    ) -> GuardedPanel<Float> {
        let lanes = set.table.lanes
        let vectors = grid.vectors(lanes: lanes)
        let neighbours = NeighbourhoodTable(grid, mirrored: mirrored, pixels: vectors * lanes)
        let rows = 9 * source.rows + (border ? 9 : 0)
        let output = GuardedPanel<Float>(precision == .fp32 ? rows : (rows + 1) / 2, vectors * lanes)
        for first in stride(from: 0, to: vectors, by: byVector ? 1 : vectors) {
            let pixel = first * lanes
            let gather = PatchGather(
                precision: precision, neighbourhood: neighbours.from(pixel: pixel), channels: source.rows, gathersBorder: border,
                source: source.base + pixel, sourceStride: source.stride,
                output: output.base + pixel, outputStride: output.stride)
            set.table.gather(gather, byVector ? 1 : vectors)
        }
        return output
    }

    private func planes(
        _ set: InstructionSet, _ grid: ImageGrid, channels: Int = Self.channels
    ) -> GuardedPanel<Float> {
        let numbers = signedNumbers(channels * grid.pixels, seed: 4)
        let columns = grid.vectors(lanes: set.table.lanes) * set.table.lanes
        // Pixels past the batch are canaries: stale numbers that must not be seen.
        return GuardedPanel(channels, columns) { channel, pixel in
            pixel < grid.pixels ? numbers[channel * grid.pixels + pixel] : .canary
        }
    }

    /// Numbers are copied, so each is exact; outside the image it is zero, whatever is in memory there.
    @Test(arguments: InstructionSet.supported, ImageGrid.cases)
    func givesTheNeighboursOfEachPixel(set: InstructionSet, grid: ImageGrid) {
        for mirrored in [false, true] {
            let source = planes(set, grid)
            let output = gathered(set, grid, mirrored: mirrored, source: source)
            var faults = 0
            for channel in 0 ..< Self.channels {
                for tap in 0 ..< 9 {
                    for pixel in 0 ..< output.columns {
                        let expected = grid.neighbour(of: pixel, tap: tap, mirrored: mirrored).map { source[channel, $0] } ?? 0
                        faults += output[9 * channel + tap, pixel].bitPattern == expected.bitPattern ? 0 : 1
                    }
                }
            }
            #expect(faults == 0)
            #expect(output.changes(outsideRows: 0 ..< output.rows, columns: 0 ..< output.columns) == 0)
            #expect(source.changes() == 0)
        }
    }

    /// In bf16 the same patches, two rows in one; of an odd number of rows the last is paired with zeros.
    @Test(arguments: InstructionSet.supported, ImageGrid.cases)
    func packsPairsOfRows(set: InstructionSet, grid: ImageGrid) {
        for channels in [1, 2, 3] {
            for mirrored in [false, true] {
                let source = planes(set, grid, channels: channels)
                let patches = gathered(set, grid, mirrored: mirrored, source: source)
                let packed = gathered(set, grid, mirrored: mirrored, source: source, precision: .bf16)
                var faults = 0
                for pair in 0 ..< packed.rows {
                    for pixel in 0 ..< packed.columns {
                        let odd = 2 * pair + 1 < patches.rows ? patches[2 * pair + 1, pixel] : 0
                        let expected = packedPair(even: patches[2 * pair, pixel], odd: odd)
                        faults += packed[pair, pixel].bitPattern == expected.bitPattern ? 0 : 1
                    }
                }
                #expect(faults == 0, "\(channels) channels, mirrored: \(mirrored)")
                #expect(packed.changes(outsideRows: 0 ..< packed.rows, columns: 0 ..< packed.columns) == 0)
                #expect(source.changes() == 0)
            }
        }
    }

    /// Nine rows more, 1 where a neighbour is outside of the image; all else as without them. In bf16 the first is paired with the last row
    /// of the channels where those are odd in number.
    @Test(arguments: InstructionSet.supported, ImageGrid.cases)
    func theBorderIsAChannel(set: InstructionSet, grid: ImageGrid) {
        for channels in [1, 2] {
            let source = planes(set, grid, channels: channels)
            let plain = gathered(set, grid, mirrored: false, source: source)
            let output = gathered(set, grid, mirrored: false, source: source, border: true)
            let packed = gathered(set, grid, mirrored: false, source: source, precision: .bf16, border: true)
            func expected(_ row: Int, _ pixel: Int) -> Float {
                guard row < 9 * channels + 9 else { return 0 }
                if row < 9 * channels { return plain[row, pixel] }
                return grid.neighbour(of: pixel, tap: row - 9 * channels, mirrored: false) == nil ? 1 : 0
            }
            var faults = 0
            for pixel in 0 ..< output.columns {
                for row in 0 ..< output.rows { faults += output[row, pixel] == expected(row, pixel) ? 0 : 1 }
                for pair in 0 ..< packed.rows {
                    let pairs = packedPair(even: expected(2 * pair, pixel), odd: expected(2 * pair + 1, pixel))
                    faults += packed[pair, pixel].bitPattern == pairs.bitPattern ? 0 : 1
                }
            }
            #expect(faults == 0, "\(channels) channels")
            #expect(output.changes(outsideRows: 0 ..< output.rows, columns: 0 ..< output.columns) == 0)
            #expect(packed.changes(outsideRows: 0 ..< packed.rows, columns: 0 ..< packed.columns) == 0)
        }
    }

    @Test(arguments: InstructionSet.supported, ImageGrid.cases)
    func callsMayBeCutBetweenVectors(set: InstructionSet, grid: ImageGrid) {
        let source = planes(set, grid)
        for precision in Precision.allCases {
            let whole = gathered(set, grid, mirrored: false, source: source, precision: precision)
            let parts = gathered(set, grid, mirrored: false, source: source, precision: precision, byVector: true)
            #expect(parts.allBits == whole.allBits, "\(precision)")
        }
    }

    @Test(arguments: InstructionSet.supported) func noVectorsWriteNothing(set: InstructionSet) {
        let grid = ImageGrid.cases[0]
        let neighbours = NeighbourhoodTable(grid, mirrored: false, pixels: set.table.lanes)
        let source = planes(set, grid)
        let output = GuardedPanel<Float>(9 * Self.channels, set.table.lanes)
        for precision in Precision.allCases {
            let gather = PatchGather(
                precision: precision, neighbourhood: neighbours.from(pixel: 0), channels: Self.channels, source: source.base,
                sourceStride: source.stride, output: output.base, outputStride: output.stride)
            set.table.gather(gather, 0)
            #expect(output.changes() == 0, "\(precision)")
        }
    }
}

import KernelDispatch
import KernelInterface
import Testing

/// `KernelTable.gather` against its contract, `PatchGather`.
@Suite struct PatchGatherTests {
    static let channels = 3

    /// The gathered patches of random planes, in one call or one call per vector.
    private func gathered(
        _ set: InstructionSet, _ grid: ImageGrid, mirrored: Bool, source: GuardedPanel<Float>, byVector: Bool = false
    ) -> GuardedPanel<Float> {
        let lanes = set.table.lanes
        let vectors = grid.vectors(lanes: lanes)
        let neighbours = NeighbourhoodTable(grid, mirrored: mirrored, pixels: vectors * lanes)
        let output = GuardedPanel<Float>(9 * Self.channels, vectors * lanes)
        for first in stride(from: 0, to: vectors, by: byVector ? 1 : vectors) {
            let pixel = first * lanes
            let gather = PatchGather(
                neighbourhood: neighbours.from(pixel: pixel), channels: Self.channels, source: source.base + pixel,
                sourceStride: source.stride, output: output.base + pixel, outputStride: output.stride)
            set.table.gather(gather, byVector ? 1 : vectors)
        }
        return output
    }

    private func planes(_ set: InstructionSet, _ grid: ImageGrid) -> GuardedPanel<Float> {
        let numbers = testNumbers(Self.channels * grid.pixels, seed: 4)
        let columns = grid.vectors(lanes: set.table.lanes) * set.table.lanes
        // Pixels past the batch are canaries: stale numbers that must not be seen.
        return GuardedPanel(Self.channels, columns) { channel, pixel in
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

    @Test(arguments: InstructionSet.supported, ImageGrid.cases)
    func callsMayBeCutBetweenVectors(set: InstructionSet, grid: ImageGrid) {
        let source = planes(set, grid)
        let whole = gathered(set, grid, mirrored: false, source: source)
        let parts = gathered(set, grid, mirrored: false, source: source, byVector: true)
        #expect(parts.allBits == whole.allBits)
    }

    @Test(arguments: InstructionSet.supported) func noVectorsWriteNothing(set: InstructionSet) {
        let grid = ImageGrid.cases[0]
        let neighbours = NeighbourhoodTable(grid, mirrored: false, pixels: set.table.lanes)
        let source = planes(set, grid)
        let output = GuardedPanel<Float>(9 * Self.channels, set.table.lanes)
        let gather = PatchGather(
            neighbourhood: neighbours.from(pixel: 0), channels: Self.channels, source: source.base,
            sourceStride: source.stride, output: output.base, outputStride: output.stride)
        set.table.gather(gather, 0)
        #expect(output.changes() == 0)
    }
}

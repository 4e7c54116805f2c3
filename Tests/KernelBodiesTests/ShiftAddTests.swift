import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// `KernelTable.shiftAdd` against its contract, `ShiftAdd`, and against `gather`, whose transpose it is.
@Suite struct ShiftAddTests {
    static let channels = 2

    private func pixels(_ set: InstructionSet, _ grid: ImageGrid) -> Int {
        grid.vectors(lanes: set.table.lanes) * set.table.lanes
    }

    /// (rows, pixels) of random numbers, with canaries past the batch.
    private func planes(_ set: InstructionSet, _ grid: ImageGrid, rows: Int, seed: UInt64) -> GuardedPanel<Float> {
        let numbers = signedNumbers(rows * grid.pixels, seed: seed)
        return GuardedPanel(rows, pixels(set, grid)) { row, pixel in
            pixel < grid.pixels ? numbers[row * grid.pixels + pixel] : .canary
        }
    }

    private func add(
        _ set: InstructionSet, _ grid: ImageGrid, mirrored: Bool, taps: GuardedPanel<Float>, start: [Float],
        border: UnsafePointer<Float>? = nil, weight: Float, accumulates: Bool, into target: GuardedPanel<Float>, byVector: Bool = false
    ) {
        let lanes = set.table.lanes
        let vectors = grid.vectors(lanes: lanes)
        let neighbours = NeighbourhoodTable(grid, mirrored: mirrored, pixels: vectors * lanes)
        start.withUnsafeBufferPointer { start in
            guard let start = start.baseAddress else { return }
            for first in stride(from: 0, to: vectors, by: byVector ? 1 : vectors) {
                let pixel = first * lanes
                let sum = ShiftAdd(
                    neighbourhood: neighbours.from(pixel: pixel), channels: Self.channels, taps: taps.base + pixel,
                    tapsStride: taps.stride, start: start, border: border, weight: weight, accumulates: accumulates,
                    target: target.base + pixel, targetStride: target.stride)
                set.table.shiftAdd(sum, byVector ? 1 : vectors)
            }
        }
    }

    /// Nine additions, one product and one more addition: at most 11 roundings of numbers no larger than
    /// |target| + |weight| (|start| + sum |taps|), so 12 u of it with the higher orders.
    @Test(arguments: InstructionSet.supported, ImageGrid.cases)
    func matchesTheTwin(set: InstructionSet, grid: ImageGrid) {
        let taps = planes(set, grid, rows: 9 * Self.channels, seed: 5)
        let start = signedNumbers(Self.channels, seed: 6)
        for (mirrored, weight, accumulates) in [(false, 1, true), (true, -1, true), (false, 0.75, false), (true, 1, false)] {
            let former = planes(set, grid, rows: Self.channels, seed: 7)
            let target = accumulates ? planes(set, grid, rows: Self.channels, seed: 7) : GuardedPanel(former.rows, former.columns)
            add(
                set, grid, mirrored: mirrored, taps: taps, start: start, weight: Float(weight), accumulates: accumulates,
                into: target)
            func twin(_ channel: Int, _ pixel: Int) -> (value: Double, magnitude: Double) {
                var sum = Double(start[channel])
                var magnitude = abs(sum)
                for tap in 0 ..< 9 {
                    guard let neighbour = grid.neighbour(of: pixel, tap: tap, mirrored: mirrored) else { continue }
                    sum += Double(taps[9 * channel + tap, neighbour])
                    magnitude += abs(Double(taps[9 * channel + tap, neighbour]))
                }
                let before = accumulates ? Double(former[channel, pixel]) : 0
                return (before + weight * sum, abs(before) + abs(weight) * magnitude)
            }
            expectTwin(
                rows: Self.channels, columns: grid.pixels, within: 12, found: { target[$0, $1] }, twin: twin,
                "mirrored \(mirrored), weight \(weight), accumulates \(accumulates)")
            #expect(target.changes(outsideRows: 0 ..< target.rows, columns: 0 ..< target.columns) == 0)
            #expect(taps.changes() == 0)
        }
    }

    /// A tap outside of the image is a number of its own for each channel and tap: still nine additions.
    @Test(arguments: InstructionSet.supported, ImageGrid.cases)
    func theBorderIsWhatLiesOutside(set: InstructionSet, grid: ImageGrid) {
        let taps = planes(set, grid, rows: 9 * Self.channels, seed: 5)
        let (start, border) = (signedNumbers(Self.channels, seed: 6), signedNumbers(9 * Self.channels, seed: 8))
        let target = GuardedPanel<Float>(Self.channels, pixels(set, grid))
        border.withUnsafeBufferPointer { border in
            add(
                set, grid, mirrored: false, taps: taps, start: start, border: border.baseAddress, weight: 1, accumulates: false,
                into: target)
        }
        expectTwin(
            rows: Self.channels, columns: grid.pixels, within: 12, found: { target[$0, $1] },
            twin: { channel, pixel in
                let terms =
                    [Double(start[channel])]
                    + (0 ..< 9).map { tap in
                        let row = 9 * channel + tap
                        return Double(grid.neighbour(of: pixel, tap: tap, mirrored: false).map { taps[row, $0] } ?? border[row])
                    }
                return (terms.reduce(0, +), terms.reduce(0) { $0 + abs($1) })
            })
        #expect(target.changes(outsideRows: 0 ..< target.rows, columns: 0 ..< target.columns) == 0)
    }

    @Test(arguments: InstructionSet.supported, ImageGrid.cases)
    func callsMayBeCutBetweenVectors(set: InstructionSet, grid: ImageGrid) {
        let taps = planes(set, grid, rows: 9 * Self.channels, seed: 5)
        let results = [false, true].map { byVector in
            let target = planes(set, grid, rows: Self.channels, seed: 7)
            add(
                set, grid, mirrored: false, taps: taps, start: [0.5, -0.5], weight: -1, accumulates: true, into: target,
                byVector: byVector)
            return target.bits(rows: 0 ..< Self.channels, columns: 0 ..< grid.pixels)
        }
        #expect(results[0] == results[1])
    }

    /// <gather x, y> = <x, shiftAdd y> with the neighbourhood mirrored in one of them. `gather` is exact and `shiftAdd` is
    /// wrong by 12 u sum |y| at each pixel, so the gap is at most 12 u sum |gather x| |y|.
    @Test(arguments: InstructionSet.supported, ImageGrid.cases)
    func isTheTransposeOfGather(set: InstructionSet, grid: ImageGrid) {
        let x = planes(set, grid, rows: Self.channels, seed: 8)
        let y = planes(set, grid, rows: 9 * Self.channels, seed: 9)
        for mirrored in [false, true] {
            let patches = GuardedPanel<Float>(y.rows, y.columns)
            let neighbours = NeighbourhoodTable(grid, mirrored: mirrored, pixels: y.columns)
            let gather = PatchGather(
                neighbourhood: neighbours.from(pixel: 0), channels: Self.channels, source: x.base, sourceStride: x.stride,
                output: patches.base, outputStride: patches.stride)
            set.table.gather(gather, grid.vectors(lanes: set.table.lanes))
            let sums = GuardedPanel<Float>(x.rows, x.columns)
            add(
                set, grid, mirrored: !mirrored, taps: y, start: [0, 0], weight: 1, accumulates: false, into: sums)

            func numbers(_ panel: GuardedPanel<Float>) -> [Float] {
                panel.numbers(rows: 0 ..< panel.rows, columns: 0 ..< grid.pixels)
            }
            expectAdjoint(
                numbers(patches), numbers(sums), of: numbers(x), and: numbers(y), within: 12 * unitRoundoff, relativeTo: .terms)
        }
    }
}

import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// Rounding to bfloat16 in the kernels that pack.
@Suite struct PairsTests {
    /// The middle taps of two channels in one row of pixels: row 4 of the patches is a lower half, row 13 an upper one. What a
    /// kernel packs is the same to the bit for NaN too, and whether subnormals are flushed or not: as the processor's instruction,
    /// packing always flushes them.
    @Test(arguments: InstructionSet.supported, lowerHalvesOfFloats) func kernelsRoundTheSame(set: InstructionSet, lower: UInt32) {
        let numbers = brainFloats(followedBy: lower)
        let grid = ImageGrid(images: 1, height: 1, width: numbers.count)
        let neighbours = NeighbourhoodTable(grid, mirrored: false, pixels: numbers.count)
        // The neighbours above and below, which do not count, lie a row of pixels away, and are read.
        let source = GuardedPanel<Float>(4, numbers.count) { row, pixel in
            row == 1 ? numbers[pixel] : row == 2 ? numbers[numbers.count - 1 - pixel] : 0
        }
        for flushed in [false, true] {
            let output = GuardedPanel<Float>(9, numbers.count)
            let gather = PatchGather(
                precision: .bf16, neighbourhood: neighbours.from(pixel: 0), channels: 2, source: source.base + source.stride,
                sourceStride: source.stride, output: output.base, outputStride: output.stride)
            withSubnormals(flushed: flushed) { set.table.gather(gather, numbers.count / set.table.lanes) }
            func packed(_ number: Float) -> UInt16 { number.isSubnormal ? (number.sign == .minus ? 0x8000 : 0) : BrainFloat.bits(number) }
            let faults = numbers.indices.count { pixel in
                let even = UInt16(truncatingIfNeeded: output[2, pixel].bitPattern)
                let odd = UInt16(truncatingIfNeeded: output[6, pixel].bitPattern >> 16)
                return even != packed(source[1, pixel]) || odd != packed(source[2, pixel])
            }
            #expect(faults == 0, "flushed: \(flushed)")
        }
    }
}

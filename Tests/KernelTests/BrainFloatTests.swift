import KernelDispatch
import KernelInterface
import Testing

/// Rounding to bfloat16, in `BrainFloat` and in the kernels that pack.
@Suite struct BrainFloatTests {
    /// The end of what is rounded down, the tie, the start of what is rounded up, and the ends of all.
    static let lowerHalves: [UInt32] = [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff]

    /// Every bfloat16, each followed by `lower`: all numbers, infinities and NaN.
    private static func numbers(_ lower: UInt32) -> [Float] {
        (0 ..< UInt32(1 << 16)).map { Float(bitPattern: $0 << 16 | lower) }
    }

    @Test(arguments: lowerHalves) func theNearestWithTiesToEven(lower: UInt32) {
        let faults = Self.numbers(lower).filter { number in
            let found = BrainFloat.value(BrainFloat.bits(number))
            return number.isNaN ? !found.isNaN : found.bitPattern != roundedToBrainFloat(number).bitPattern
        }
        #expect(faults.isEmpty, "\(faults.prefix(3))")
    }

    @Test func aBrainFloatIsItself() {
        for bits in 0 ... UInt16.max {
            let value = BrainFloat.value(bits)
            #expect(value.bitPattern == UInt32(bits) << 16)
            if !value.isNaN { #expect(BrainFloat.bits(value) == bits) }
        }
    }

    @Test func numbersByName() {
        let largest = Float(bitPattern: 0x7f7f_0000)
        for (number, expected) in [
            (0, 0), (1, 1), (Float.pi, 3.140625), (1 + 0x1p-8, 1), (1 + 0x3p-8, 1 + 0x1p-6), (1 + 0x1.8p-8, 1 + 0x1p-7),
            (.infinity, .infinity), (largest, largest), (largest.nextUp, largest), (.greatestFiniteMagnitude, .infinity),
            (.leastNonzeroMagnitude, 0), (0x1.8p-134, 0x1p-133), (0x1p-134, 0),
        ] as [(Float, Float)] {
            for sign in [Float(1), -1] {
                #expect(BrainFloat.value(BrainFloat.bits(sign * number)).bitPattern == (sign * expected).bitPattern, "\(number)")
            }
        }
        // The payloads of these NaN are in the half that is dropped.
        for bits: UInt32 in [0x7f80_0001, 0xff80_ffff, 0x7fff_ffff, 0xffff_8000] {
            #expect(BrainFloat.value(BrainFloat.bits(Float(bitPattern: bits))).isNaN)
        }
    }

    /// The middle taps of two channels in one row of pixels: row 4 of the patches is a lower half, row 13 an upper one. What a
    /// kernel packs is the same to the bit for NaN too, and whether subnormals are flushed or not: as the processor's instruction,
    /// packing always flushes them.
    @Test(arguments: InstructionSet.supported, lowerHalves) func kernelsRoundTheSame(set: InstructionSet, lower: UInt32) {
        let numbers = Self.numbers(lower)
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

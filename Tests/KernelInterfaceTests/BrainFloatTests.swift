import KernelInterface
import TestSupport
import Testing

/// Rounding to bfloat16.
@Suite struct BrainFloatTests {
    @Test(arguments: lowerHalvesOfFloats) func theNearestWithTiesToEven(lower: UInt32) {
        let faults = brainFloats(followedBy: lower).filter { number in
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
}

import CPUFeatures
import GlowModel
import Testing

@Suite struct HalfFloatTests {
    /// Every half, at an odd address: infinities, NaN with their payload, subnormal ones; where the thread takes subnormal numbers for 0, too.
    @Test(arguments: [false, true]) func everyHalfIsWidenedExactly(flushesSubnormals: Bool) {
        var bytes: [UInt8] = [0]
        for bits in UInt16.min ... UInt16.max { withUnsafeBytes(of: bits.littleEndian) { bytes += $0 } }
        var values = [Float](repeating: 0, count: 1 << 16)
        bytes.withUnsafeBytes { source in
            values.withUnsafeMutableBufferPointer { values in
                let halves = UnsafeRawBufferPointer(rebasing: source[1...])
                guard flushesSubnormals else { return HalfFloat.widen(halves, into: values) }
                let mode = reglow_flush_subnormals()
                HalfFloat.widen(halves, into: values)
                reglow_restore_float_mode(mode)
            }
        }
        for bits in UInt16.min ... UInt16.max {
            let (value, expected) = (values[Int(bits)], Float(Float16(bitPattern: bits)))
            if expected.isNaN {
                #expect(value.isNaN && value.bitPattern == UInt32(bits & 0x8000) << 16 | 0x7f80_0000 | UInt32(bits & 0x3ff) << 13)
            } else if value.bitPattern != expected.bitPattern {
                Issue.record("half \(bits): \(value), but \(expected)")
            }
        }
    }
}

import KernelInterface
import Testing

@Suite struct AlignedBufferTests {
    @Test func buffersAreAlignedAndZeroed() {
        for count in [0, 1, 15, 16, 1000] {
            let buffer = AlignedBuffer<Float>(count: count)
            #expect(UInt(bitPattern: buffer.base) % 64 == 0)
            #expect((0 ..< count).allSatisfy { buffer.base[$0] == 0 })
            #expect(buffer.bytes == 4 * count)
        }
        #expect(AlignedBuffer<Double>(count: -5).count == 0)
    }
}

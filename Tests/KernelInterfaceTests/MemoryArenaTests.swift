import KernelInterface
import Testing

@Suite struct MemoryArenaTests {
    private static let page = 2 << 20

    @Test func buffersAreAlignedZeroedAndApart() {
        let arena = MemoryArena(bytes: Self.page)
        let counts = [0, 1, 15, 16, 1000]
        let buffers = counts.map { AlignedBuffer<Float>(count: $0, in: arena) }
        for (number, buffer) in buffers.enumerated() {
            #expect(UInt(bitPattern: buffer.base) % 64 == 0)
            #expect((0 ..< buffer.count).allSatisfy { buffer.base[$0] == 0 })
            buffer.fill([Float](repeating: Float(number + 1), count: buffer.count))
        }
        for (number, buffer) in buffers.enumerated() {
            #expect((0 ..< buffer.count).allSatisfy { buffer.base[$0] == Float(number + 1) })
        }
        let addresses = buffers.map { UInt(bitPattern: $0.base) }
        #expect((addresses.max() ?? 0) - (addresses.min() ?? 0) < UInt(Self.page))
    }

    /// What an arena has not left is the buffer's own, and zero too.
    @Test(arguments: [0, 100, page - 1, page]) func whatDoesNotFitLiesElsewhere(bytes: Int) {
        let arena = MemoryArena(bytes: bytes)
        let buffers = (0 ..< 5).map { _ in AlignedBuffer<UInt8>(count: Self.page / 2 - 64, in: arena) }
        for buffer in buffers { buffer.fill([UInt8](repeating: 7, count: buffer.count)) }
        let late = AlignedBuffer<UInt8>(count: 1000, in: arena)
        #expect((0 ..< 1000).allSatisfy { late.base[$0] == 0 })
        #expect(buffers.allSatisfy { buffer in (0 ..< buffer.count).allSatisfy { buffer.base[$0] == 7 } })
    }

    /// Buffers keep it alive.
    @Test func buffersOutliveTheNameOfTheirArena() {
        var arena: MemoryArena? = MemoryArena(bytes: Self.page)
        let buffer = AlignedBuffer<Int>(count: 10, in: arena)
        arena = nil
        buffer.fill(Array(0 ..< 10))
        #expect((0 ..< 10).allSatisfy { buffer.base[$0] == $0 })
    }

    @Test func threadsShareIt() throws {
        let arena = MemoryArena(bytes: Self.page)
        let words = 64
        let buffers = try Parallelism(threads: 4).map(200) { task -> AlignedBuffer<Int> in
            let buffer = AlignedBuffer<Int>(count: words, in: arena)
            buffer.fill([Int](repeating: task, count: words))
            return buffer
        }
        #expect(buffers.count == 200)
        for (task, buffer) in buffers.enumerated() { #expect((0 ..< words).allSatisfy { buffer.base[$0] == task }) }
    }
}

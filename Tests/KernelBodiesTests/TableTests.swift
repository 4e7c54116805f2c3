import KernelDispatch
import KernelInterface
import TestSupport
import Testing

@Suite struct TableTests {
    /// That the table has the right name proves little, so the kernels are asked: how many pixels one vector of theirs writes;
    /// whether they round once in w x + start, with w = x = 1 + 2^-12 and start = -(1 + 2^-11), which rounded once is 2^-24 and
    /// rounded twice 0; and whether they multiply bfloat16 by the processor's instruction, which gives zero for 2^-70 2^-70
    /// where this thread does not flush subnormals. No two sets agree in all three.
    @Test(arguments: InstructionSet.supported) func theTableIsTheOneAskedFor(set: InstructionSet) throws {
        let table = try InstructionSet.selected(override: set.rawValue).table
        let expected: (pixels: Int, value: Float, pairValue: Float) =
            switch set {
            case .portable: (8, 0, 0x1p-140)
            case .avx2: (8, 0x1p-24, 0x1p-140)
            case .avx512: (16, 0x1p-24, 0x1p-140)
            case .avx512bf16: (16, 0x1p-24, 0)
            }
        #expect(table.name == set.rawValue)
        #expect(table.lanes == expected.pixels)

        let matrix = PackedMatrix(rows: 1, columns: 1) { _, _ in 1 + 0x1p-12 }
        let input = GuardedPanel<Float>(1, 16) { _, _ in 1 + 0x1p-12 }
        let output = GuardedPanel<Float>(8, 16)
        let start = GuardedPanel<Float>(1, 8) { _, _ in -(1 + 0x1p-11) }
        let product = PointwiseProduct(
            matrix.operand(), start: start.base, input: input.base, inputStride: input.stride, output: output.base,
            outputStride: output.stride)
        table.product(product, 0 ..< 1, 1)
        let written = (0 ..< 16).filter { output[0, $0].bits != Float.canary.bits }
        #expect(written.count == expected.pixels)
        #expect(written.allSatisfy { output[0, $0] == expected.value })

        let pairs = PairProductSetup(
            set, rows: 1, depth: 1, transposed: false, pixels: 16, weights: [0x1p-70], start: [0],
            inputs: [Float](repeating: 0x1p-70, count: 16))
        let products = pairs.stored()
        #expect((0 ..< 16).allSatisfy { products[0, $0] == expected.pairValue })
    }
}

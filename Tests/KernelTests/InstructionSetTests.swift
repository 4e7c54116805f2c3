import Foundation
import KernelDispatch
import KernelInterface
import Testing

@Suite struct InstructionSetTests {
    /// Every other test of the kernels runs once for each set of the processor. This one says which could not run.
    @Test func skippedSetsAreNamed() {
        for set in InstructionSet.allCases where !set.isSupported {
            print("skipped: every test on \(set.rawValue), which this processor does not have (\(processorName()))")
        }
        #expect(InstructionSet.supported.contains(.portable))
        #expect(InstructionSet.supported == InstructionSet.supported.sorted())
    }

    @Test(arguments: InstructionSet.supported) func overrideByName(set: InstructionSet) throws {
        #expect(try InstructionSet.selected(override: set.rawValue) == set)
        #expect(try InstructionSet.selected(override: set.rawValue.uppercased()) == set)
    }

    @Test func mostCapableSetIsTheDefault() throws {
        #expect(try InstructionSet.selected(override: nil) == InstructionSet.supported.last)
        #expect(try InstructionSet.selected(override: "") == InstructionSet.supported.last)
    }

    @Test(arguments: ["sse9", "avx", "portable ", "avx2,avx512"]) func unknownNames(name: String) {
        #expect(throws: InstructionSetError.unknown(name)) { try InstructionSet.selected(override: name) }
        #expect(InstructionSetError.unknown(name).description.contains(name))
    }

    @Test func setsThatTheProcessorLacksAreRefused() {
        for set in InstructionSet.allCases where !set.isSupported {
            #expect(throws: InstructionSetError.unsupported(set)) { try InstructionSet.selected(override: set.rawValue) }
        }
        #expect(InstructionSetError.unsupported(.avx512).description.contains("avx512"))
    }

    /// In a run with `REGLOW_ISA=...` the kernels are those of that set.
    @Test func environmentIsObeyed() throws {
        guard let asked = ProcessInfo.processInfo.environment[InstructionSet.variable], !asked.isEmpty else { return }
        #expect(try InstructionSet.selected().table.name == asked.lowercased())
    }

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

    @Test(arguments: InstructionSet.supported) func tileSizesFitThePackedWeights(set: InstructionSet) {
        let table = set.table
        #expect(PackedMatrix.edge % table.registerRows == 0)
        #expect(table.vectorsPerPanel > 0)
        #expect(table.lanes % 8 == 0)
    }

    @Test func processorHasAName() { #expect(!processorName().isEmpty) }
}

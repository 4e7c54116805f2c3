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

    @Test(arguments: InstructionSet.supported) func tileSizesFitThePackedWeights(set: InstructionSet) {
        let table = set.table
        #expect(PackedMatrix.edge % table.registerRows == 0)
        #expect(table.vectorsPerPanel > 0)
        #expect(table.lanes % 8 == 0)
    }

    @Test func processorHasAName() { #expect(!processorName().isEmpty) }
}

import Foundation
import KernelDispatch
import KernelInterface
import Testing

@Suite struct ProcessorModelTests {
    /// What the kernel says of the same processor.
    @Test func isWhatTheSystemSays() throws {
        let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        func field(_ name: String) -> String? {
            text.split(separator: "\n").first { $0.split(separator: ":").first.map { $0.trimmingCharacters(in: .whitespaces) } == name }?
                .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        }
        let processor = ProcessorModel.current
        #expect(field("vendor_id") == processor.vendor)
        #expect(field("cpu family") == "\(processor.family)" && field("model") == "\(processor.model)")
        #expect(processor.description.contains(processor.vendor))
    }

    /// Zen 4 multiplies pairs faster, Intel's processors do not, and nothing is assumed of others or of sets without the instruction.
    @Test func theTableKnowsWhatWasMeasured() {
        let zen4 = ProcessorModel(vendor: "AuthenticAMD", family: 25, model: 17)
        let emerald = ProcessorModel(vendor: "GenuineIntel", family: 6, model: 207)
        let unknown = [("AuthenticAMD", 26, 2), ("AuthenticAMD", 25, 1), ("GenuineIntel", 6, 85), ("", 0, 0)].map {
            ProcessorModel(vendor: $0.0, family: $0.1, model: $0.2)
        }
        #expect(InstructionSet.avx512bf16.gradientPrecision(on: zen4) == .bf16)
        #expect(InstructionSet.avx512bf16.gradientPrecision(on: emerald) == .fp32)
        for processor in unknown { #expect(InstructionSet.avx512bf16.gradientPrecision(on: processor) == .fp32) }
        for set in InstructionSet.allCases where set != .avx512bf16 { #expect(set.gradientPrecision(on: zen4) == .fp32) }
    }
}

import Foundation
import GlowModel
import TestSupport
import Testing

/// Model files whose coupling networks are stored in 16 bits.
@Suite struct NarrowWeightTests {
    private static let networks: Set<FlowStepTensor> = [.net0Weight, .net1Weight, .net2Weight]

    @Test(arguments: WeightStorage.allCases) func networksAreRoundedAndNothingElse(storage: WeightStorage) throws {
        let folder = try TemporaryFolder()
        let parameters = try GlowParameters.random(
            architecture: try GlowArchitecture(levels: 2, steps: 1, hidden: 6, coupling: .affine), seed: 8)
        try ModelFile.write(parameters, to: folder.file("model"), networks: storage)
        let read = try ModelFile(path: folder.file("model"))
        // Half the spacing of the numbers: 2^-11 and 2^-8 of them, and where float16 is subnormal 2^-25.
        let (relative, absolute): (Float, Float) =
            switch storage {
            case .fp32: (0, 0)
            case .fp16: (0x1p-11, 0x1p-25)
            case .bf16: (0x1p-8, 0)
            }
        for level in 0 ..< 2 {
            let (step, expected) = (try read.step(level: level, index: 0), parameters.step(level: level, index: 0))
            for tensor in FlowStepTensor.allCases {
                let pairs = zip(step[tensor], expected[tensor])
                if Self.networks.contains(tensor), storage != .fp32 {
                    #expect(pairs.allSatisfy { abs($0 - $1) <= relative * abs($1) + absolute })
                    #expect(pairs.contains { $0 != $1 })
                } else {
                    #expect(pairs.allSatisfy { $0 == $1 })
                }
            }
        }
    }

    @Test func whatFloat16CannotHoldIsNamed() throws {
        let folder = try TemporaryFolder()
        let architecture = try GlowArchitecture(levels: 1, steps: 1, hidden: 4)
        let random = RandomGlow(architecture: architecture, seed: 1)
        let step = try random.step(level: 0, index: 0)
        let large = try FlowStepParameters(shape: step.shape) { tensor in
            var values = step[tensor]
            if tensor == .net1Weight { values[3] = 70_000 }
            return values
        }
        let parameters = try GlowParameters(architecture: architecture, levels: [[large]])
        expectFault("levels.0.steps.0.net.1.weight", "70000", "fp16") {
            try ModelFile.write(parameters, to: folder.file("model"), networks: .fp16)
        }
        try ModelFile.write(parameters, to: folder.file("model"), networks: .bf16)
    }
}

import GlowModel
import KernelDispatch
import KernelInterface
import Testing

/// What an architecture of version 2 takes and what it refuses.
@Suite struct GlowVariantTests {
    private func expectFault(_ key: GlowArchitectureError.Key, coupling: GlowArchitecture.Coupling = .affine, _ variant: GlowVariant) {
        let error = #expect(throws: GlowArchitectureError.self) {
            try GlowArchitecture(steps: [2, 1], hidden: 3, coupling: coupling, variant: variant)
        }
        #expect(error?.key == key)
    }

    @Test func whatDoesNotFitIsRefused() {
        expectFault(.squeeze, GlowVariant(squeezes: [.contiguous]))
        expectFault(.steps, GlowVariant(stepTensors: [[[.net0Border]], [[]]]))
        expectFault(.coupling, coupling: .additive, GlowVariant(stepTensors: [[[], [.scaleOffset]], [[]]]))
        expectFault(.prior, GlowVariant(priors: [.convolution([.bias])]))
        expectFault(.prior, GlowVariant(priors: [nil, .convolution([.weight])]))
        expectFault(.prior, GlowVariant(priors: [.map(height: 3, width: 2), nil]))
        expectFault(.prior, GlowVariant(priors: [.map(height: 2, width: 2), .map(height: 2, width: 1)]))
        expectFault(.prior, GlowVariant(priors: [.map(height: .max, width: 2), nil]))
    }

    /// What says nothing is nothing: equal maps are equal values.
    @Test func whatIsStandardIsOneValue() throws {
        let written = GlowVariant(
            squeezes: [.interleaved, .interleaved], stepTensors: [[[], []], [[]]], priors: [nil, nil])
        #expect(written == .standard)
        #expect(try GlowArchitecture(steps: [2, 1], hidden: 3, variant: written).isStandard)
        #expect(GlowVariant.standard.differences(levels: 2).isEmpty)
        #expect(
            GlowVariant(affineOrder: .scaleFirst, stepTensors: [[[.net2Border], []], [[]]], priors: [.convolution([.bias]), nil])
                .differences(levels: 2) == ["affine_order scale-first", "net.2.border", "prior.bias"])
    }

    @Test func aLogDeterminantIsConstantWhereNothingScales() throws {
        func constant(_ coupling: GlowArchitecture.Coupling, _ prior: LevelPriorForm?) throws -> Bool {
            try GlowArchitecture(steps: [1, 1], hidden: 3, coupling: coupling, variant: GlowVariant(priors: [prior, nil]))
                .hasConstantLogDeterminant
        }
        #expect(try constant(.additive, nil) && constant(.additive, .convolution([.bias, .border])))
        #expect(try constant(.additive, .map(height: 2, width: 2)))
        #expect(try !constant(.additive, .convolution([.weight])) && !constant(.affine, nil))
    }

    @Test func aMapTiesTheModelToOneSize() throws {
        let architecture = try GlowArchitecture(
            steps: [1, 1], hidden: 3, variant: GlowVariant(priors: [.map(height: 4, width: 2), nil]))
        let glow = try Glow(RandomGlow(architecture: architecture, seed: 1), kernels: InstructionSet.portable.table)
        _ = try glow.makeLinearization(imageShape: ImageShape(channels: 3, height: 8, width: 4))
        let error = #expect(throws: GlowShapeError.self) {
            try glow.makeLinearization(imageShape: ImageShape(channels: 3, height: 8, width: 8))
        }
        #expect(error?.description.contains("8x4 pixels only") == true)
    }

    /// What a variant takes more than the standard is foreseen; buffers have guards at their ends besides.
    @Test(arguments: GlowCase.variants.filter { (try? $0.architecture().fixedImageSize) ?? nil == nil }) func memoryIsForeseen(
        setup: GlowCase
    )
        throws
    {
        let shape = ImageShape(channels: setup.shape.channels, height: 16 * setup.shape.height, width: 16 * setup.shape.width)
        func bytes(_ variant: GlowVariant, capacity: Int, threads: Int) throws -> (foreseen: Int, taken: Int) {
            let architecture = try GlowArchitecture(
                steps: setup.steps, hidden: setup.hidden, imageChannels: shape.channels, coupling: setup.coupling, variant: variant)
            let glow = try Glow(RandomGlow(architecture: architecture, seed: 1), kernels: InstructionSet.portable.table)
            let point = try RecordedGlow(glow, shape, capacity: capacity, threads: threads).point
            return (glow.linearizationBytes(imageShape: shape, capacity: capacity, threads: threads), point.bytes)
        }
        let hasPrior = (0 ..< setup.steps.count).contains { setup.variant.prior(level: $0) != nil }
        for (capacity, threads) in [(1, 1), (3, 2)] {
            let variant = try bytes(setup.variant, capacity: capacity, threads: threads)
            let standard = try bytes(.standard, capacity: capacity, threads: threads)
            let (foreseen, taken) = (variant.foreseen - standard.foreseen, variant.taken - standard.taken)
            #expect(abs(foreseen - taken) <= taken / 20)
            #expect((taken > 4 * shape.count) == hasPrior)
        }
    }

    /// Steps that are not what the architecture says are refused before they are run.
    @Test func sourcesAreHeldToTheArchitecture() throws {
        struct Lacking: GlowParameterSource {
            let source: RandomGlow
            var architecture: GlowArchitecture { source.architecture }
            var card: ModelCard { source.card }
            func step(level: Int, index: Int) throws -> FlowStepParameters { try source.step(level: level, index: index) }
        }
        struct Plain: GlowParameterSource {
            let architecture: GlowArchitecture
            var card: ModelCard { ModelCard() }
            func step(level: Int, index: Int) throws -> FlowStepParameters {
                try RandomGlow(architecture: GlowArchitecture(steps: [1], hidden: 3), seed: 1).step(level: level, index: index)
            }
        }
        let prior = try GlowArchitecture(steps: [1], hidden: 3, variant: GlowVariant(priors: [.convolution([.bias])]))
        #expect(throws: GlowArchitectureError.self) {
            try Glow(Lacking(source: RandomGlow(architecture: prior, seed: 1)), kernels: InstructionSet.portable.table)
        }
        let border = try GlowArchitecture(steps: [1], hidden: 3, variant: GlowVariant(stepTensors: [[[.net0Border]]]))
        #expect(throws: FlowStepError.self) { try Glow(Plain(architecture: border), kernels: InstructionSet.portable.table) }
    }
}

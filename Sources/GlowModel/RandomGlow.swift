import Glibc
import KernelInterface

/// Random weights for any architecture, for benchmarks and tests: a flow that neither explodes nor dies, however deep.
///
/// M is a random rotation whose columns are scaled by up to 5 %. The network keeps the power of its input through both hidden
/// layers (He) and gives a tenth of its magnitude to the shift. Affine coupling multiplies half of the channels by about
/// s = sigmoid(2), or what else its raw scale 0 means; M makes up for it by 1 / sqrt((1 + s^2) / 2). A step depends on the seed, its level and its index alone.
package struct RandomGlow: GlowParameterSource, Sendable {
    package let architecture: GlowArchitecture
    package let seed: UInt64

    package init(architecture: GlowArchitecture, seed: UInt64) {
        self.architecture = architecture
        self.seed = seed
    }

    package var card: ModelCard { ModelCard(["name": "random-\(architecture.coupling.rawValue)-\(seed)"]) }

    package func step(level: Int, index: Int) throws -> FlowStepParameters {
        var generator = SeededGenerator(seed: seed, stream: .model, index: UInt64(level) << 32 | UInt64(index))

        let shape = architecture.stepShape(level: level)
        let layerGain: Float = 2
        let shiftGain: Float = 0.01
        let optional = optionalTensors(level: level, index: index, shape)
        let scale = architecture.coupling == .affine ? architecture.variant.scaleAtZero(offset: optional[.scaleOffset]?.first ?? 0) : 1
        return try FlowStepParameters(shape: shape, optional: optional) { tensor in
            let count = tensor.count(in: shape)
            switch tensor {
            case .mixingWeight:
                return mixing(order: shape.channels, scale: scale, &generator)
            case .net0Weight:
                return generator.uniform(count, variance: layerGain / Float(shape.channels / 2 * 9))
            case .net1Weight:
                return generator.uniform(count, variance: layerGain / Float(shape.hidden))
            case .net2Weight:
                return generator.uniform(count, variance: shiftGain * layerGain / Float(shape.hidden * 9))
            case .mixingBias, .net0Bias, .net1Bias, .net2Bias:
                return generator.uniform(count, variance: 1e-4)
            }
        }
    }

    /// Half of the offsets that `scaleMap` takes at most a half below; borders as a channel of noise would be.
    private func optionalTensors(level: Int, index: Int, _ shape: FlowStepShape) -> [OptionalStepTensor: [Float]] {
        let expected = architecture.variant.tensors(level: level, step: index)
        var generator = SeededGenerator(seed: seed, stream: .model, index: 1 << 62 | UInt64(level) << 32 | UInt64(index))
        var optional: [OptionalStepTensor: [Float]] = [:]
        for tensor in OptionalStepTensor.allCases where expected.contains(tensor) {
            let values = generator.uniform(tensor.count(in: shape), variance: 0.01)
            optional[tensor] = tensor == .scaleOffset ? [architecture.variant.scaleMap.leastOffset + 0.5 + values[0]] : values
        }
        return optional
    }

    /// A mean and a deviation that follow the kept half a little.
    package func prior(level: Int) throws -> LevelPriorParameters? {
        guard let shape = architecture.priorShape(level: level) else { return nil }
        var generator = SeededGenerator(seed: seed, stream: .model, index: 1 << 63 | UInt64(level))
        return try LevelPriorParameters(shape: shape) { tensor in
            generator.uniform(
                tensor.count(in: shape), variance: tensor == .weight ? 0.01 / Float(9 * max(1, shape.inputs)) : 0.01)
        }
    }

    private func mixing(order: Int, scale: Double, _ generator: inout SeededGenerator) -> [Float] {
        let rows = randomRotation(order: order, &generator)
        let gain = 1 / ((1 + scale * scale) / 2).squareRoot()
        let columnScales = (0 ..< order).map { _ in gain * exp(0.05 * (2 * generator.nextUniform() - 1)) }
        return rows.flatMap { row in zip(row, columnScales).map { Float($0 * $1) } }
    }
}

/// Random rows made orthonormal one after the other, each freed of those before it twice, which is enough in double precision.
package func randomRotation(order: Int, _ generator: inout SeededGenerator) -> [[Double]] {
    func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for j in a.indices { sum += a[j] * b[j] }
        return sum
    }
    var rows = [[Double]]()
    while rows.count < order {
        var row = (0 ..< order).map { _ in generator.nextNormal() }
        for _ in 0 ..< 2 {
            for former in rows {
                let overlap = dot(row, former)
                for j in 0 ..< order { row[j] -= overlap * former[j] }
            }
            let length = dot(row, row).squareRoot()
            for j in 0 ..< order { row[j] /= length }
        }
        rows.append(row)
    }
    return rows
}

extension GlowParameters {
    /// All steps of `RandomGlow`.
    package static func random(architecture: GlowArchitecture, seed: UInt64) throws -> GlowParameters {
        try GlowParameters(reading: RandomGlow(architecture: architecture, seed: seed))
    }
}

extension SeededGenerator {
    /// Numbers evenly spread around 0, with this variance.
    fileprivate mutating func uniform(_ count: Int, variance: Float) -> [Float] {
        let bound = (3 * variance).squareRoot()
        return (0 ..< count).map { _ in bound * (2 * Float(nextUniform()) - 1) }
    }
}

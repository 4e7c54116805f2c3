import GlowModel
import KernelInterface

extension GlowArchitecture {
    /// The architecture with this many steps on every level, as `TrainingParameters.deepened` makes it.
    ///
    /// - Throws: `TrainingError` where a level has more steps than that, or fewer by an odd number; `GlowArchitectureError` for
    ///   more steps than a level can have.
    package func deepened(stepsPerLevel: Int) throws -> GlowArchitecture {
        for (level, count) in steps.enumerated() {
            guard stepsPerLevel >= count else {
                throw TrainingError("level \(level) has \(count) steps already, and none can be taken away")
            }
            guard (stepsPerLevel - count).isMultiple(of: 2) else {
                throw TrainingError("level \(level) has \(count) steps, and new ones come in pairs")
            }
        }
        return try GlowArchitecture(
            levels: levels, steps: stepsPerLevel, hidden: hidden, imageChannels: imageChannels, coupling: coupling,
            pixelShift: pixelShift)
    }
}

extension TrainingParameters {
    /// The same function as a deeper flow: pairs of new steps at the end of every level, which together are the identity.
    ///
    /// With R (C, C) a random rotation and E = diag(1, ..., 1, 1/s, ..., 1/s), where s is what a coupling multiplies the second
    /// half of the channels by while its network gives zero, the 1x1 convolutions of a pair are
    ///
    ///     W = E R,  W = E R'
    ///
    /// so that each coupling undoes its E. The rest of a new step is as in `random`. What is drawn depends on the seed and on
    /// where a step stands; the former steps stay as they are.
    ///
    /// - Throws: as `GlowArchitecture.deepened` does.
    package func deepened(stepsPerLevel: Int, seed: UInt64) throws -> TrainingParameters {
        try TrainingParameters(architecture: architecture.deepened(stepsPerLevel: stepsPerLevel)) { step, values in
            let former = architecture.steps[step.level]
            guard step.index >= former else {
                let number = layout.firstStep(level: step.level) + step.index
                for tensor in TrainingTensor.allCases { values[tensor] = Array(self[layout.steps[number], tensor]) }
                return frames[number]
            }
            let order = step.shape.channels
            let isSecond = !(step.index - former).isMultiple(of: 2)
            var pairGenerator = SeededGenerator(starting: step.level, isSecond ? step.index - 1 : step.index, seed: seed)
            let rotation = randomRotation(order: order, &pairGenerator)
            let mixing = (0 ..< order).flatMap { i in
                let gain = i < order / 2 ? 1 : 1 / architecture.coupling.scaleAtZero
                return (0 ..< order).map { j in gain * (isSecond ? rotation[j][i] : rotation[i][j]) }
            }
            let (frame, factors) = try MixingFrame.decomposed(mixing, order: order)
            values[.mixingFactors] = factors
            var generator = isSecond ? SeededGenerator(starting: step.level, step.index, seed: seed) : pairGenerator
            Self.startNetwork(of: step, &generator, in: &values)
            return frame
        }
    }
}

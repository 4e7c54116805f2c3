import GlowModel
import GlowTraining
import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// `LikelihoodGradient` against the twin in double precision.
@Suite struct LikelihoodGradientTests {
    /// The loss of each case in double precision and its gradient by finite differences.
    private static let exact: [String: (bits: Double, gradient: [Double])] = {
        var exact: [String: (bits: Double, gradient: [Double])] = [:]
        for setup in TrainingCase.all {
            guard let parameters = try? setup.parameters() else { continue }
            let twin = ReferenceLikelihood(parameters, shape: setup.shape)
            let values = parameters.values.map(Double.init)
            exact[setup.testDescription] = (
                twin.bitsPerDimension(setup.batch(), values), twin.gradient(setup.batch(), values)
            )
        }
        return exact
    }()

    /// Each tensor by itself, relative to its largest number: roundings of sums of some hundred numbers are about 1e-6, what
    /// forgets a term or takes a wrong transpose is wrong by 1e-2 and more.
    @Test(arguments: InstructionSet.supported, TrainingCase.all)
    func agreesWithFiniteDifferences(set: InstructionSet, setup: TrainingCase) throws {
        let parameters = try setup.parameters()
        let batch = setup.batch()
        let (bits, differences) = try #require(Self.exact[setup.testDescription])
        for recomputation in Recomputation.allCases {
            let likelihood = try setup.likelihood(parameters, set, recomputation)
            var gradient = [Float](repeating: .nan, count: parameters.layout.count)
            // The second of two calls, so that what the first leaves behind shows.
            _ = likelihood.evaluate(setup.batch(seed: 3), parameters: parameters.values, gradient: &gradient)
            let evaluation = likelihood.evaluate(batch, parameters: parameters.values, gradient: &gradient)
            #expect(abs(evaluation.bitsPerDimension - bits) < 1e-5 * max(1, abs(bits)))
            for step in parameters.layout.steps {
                for tensor in TrainingTensor.allCases {
                    let gap = relativeGap(gradient[step[tensor]], differences[step[tensor]])
                    #expect(gap < 2e-5, "\(recomputation), level \(step.level), step \(step.index), \(tensor.rawValue)")
                }
            }
        }
    }
}

extension LikelihoodGradientTests {
    /// Weights, inputs and cotangents of every product are rounded to 8 bits of significand, so a number of the gradient is off by
    /// some multiple of 2^-9 of what it sums up: it points the way of the exact one, within a few percent.
    @Test(arguments: InstructionSet.supported, TrainingCase.all)
    func brainFloatPointsTheSameWay(set: InstructionSet, setup: TrainingCase) throws {
        let parameters = try setup.parameters()
        let exact = try gradient(setup, parameters, set, .fp32)
        for recomputation in Recomputation.allCases {
            let rounded = try gradient(setup, parameters, set, .bf16, recomputation)
            for step in parameters.layout.steps {
                for tensor in TrainingTensor.allCases {
                    let gap = relativeGap(rounded[step[tensor]], exact[step[tensor]].map(Double.init))
                    #expect(gap < 0.15, "level \(step.level), step \(step.index), \(tensor.rawValue)")
                }
            }
            #expect(rounded != exact)
        }
    }

    @Test(arguments: InstructionSet.supported, TrainingCase.all)
    func bitsDoNotDependOnTheThreads(set: InstructionSet, setup: TrainingCase) throws {
        let parameters = try setup.parameters()
        for precision in Precision.allCases {
            for recomputation in Recomputation.allCases {
                let one = try gradient(setup, parameters, set, precision, recomputation)
                for threads in [2, 3, 8] {
                    let many = try gradient(setup, parameters, set, precision, recomputation, threads: threads)
                    #expect(zip(one, many).allSatisfy { $0.bitPattern == $1.bitPattern }, "\(precision), \(threads) threads")
                }
            }
        }
    }

    /// Recovered images are those that went in, up to roundings, and a batch of other numbers shows that it is measured at all.
    @Test(arguments: InstructionSet.supported, TrainingCase.all) func driftIsMeasured(set: InstructionSet, setup: TrainingCase) throws {
        let parameters = try setup.parameters()
        var gradient = [Float](repeating: 0, count: parameters.layout.count)
        let inverted = try setup.likelihood(parameters, set, .inverted)
        let evaluation = inverted.evaluate(setup.batch(), parameters: parameters.values, gradient: &gradient)
        let drift = try #require(evaluation.drift)
        #expect(drift > 0 && drift < 1e-5)
        let stored = try setup.likelihood(parameters, set, .stored)
        #expect(stored.evaluate(setup.batch(), parameters: parameters.values, gradient: &gradient).drift == nil)
    }

    private func gradient(
        _ setup: TrainingCase, _ parameters: TrainingParameters, _ set: InstructionSet, _ precision: Precision,
        _ recomputation: Recomputation = .stored, threads: Int = 1
    ) throws -> [Float] {
        let likelihood = try setup.likelihood(parameters, set, precision: precision, threads: threads, recomputation)
        var gradient = [Float](repeating: .nan, count: parameters.layout.count)
        _ = likelihood.evaluate(setup.batch(), parameters: parameters.values, gradient: &gradient)
        return gradient
    }
}

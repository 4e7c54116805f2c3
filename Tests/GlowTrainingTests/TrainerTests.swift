import Foundation
import GlowModel
import GlowTraining
import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// `Trainer`: that it learns, does what PyTorch does, and goes on where it stopped.
@Suite struct TrainerTests {
    private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
        var options = TrainingOptions()
        change(&options)
        return options
    }

    /// Numbers computed by PyTorch in double precision (`python -m reglow_perf training-step`): three steps of Adam with clipping. The loss
    /// before a step depends on all steps before it.
    @Test(arguments: ["additive", "affine"]) func stepsAsPyTorchDoes(name: String) throws {
        let file = try SafetensorsFile(path: fixture(name))
        func number(_ key: String) throws -> Double { try #require(file.metadata[key].flatMap { Double($0) }) }
        func count(_ key: String) throws -> Int { Int(try number(key)) }
        let architecture = try GlowArchitecture(
            levels: count("levels"), steps: count("steps"), hidden: count("hidden"), imageChannels: 1,
            coupling: name == "affine" ? .affine : .additive)
        let layout = ParameterLayout(architecture)
        let channels = layout.steps.map(\.shape.channels)
        let permutation = try file.float32("permutation", shape: [channels.reduce(0, +)])
        let signs = try file.float32("signs", shape: [channels.reduce(0, +)])
        var first = 0
        let frames = try channels.map { count in
            defer { first += count }
            return try MixingFrame(
                permutation: permutation[first ..< first + count].map { Int($0) }, signs: Array(signs[first ..< first + count]))
        }
        let parameters = try TrainingParameters(
            architecture: architecture, frames: frames, values: file.float32("parameters", shape: [layout.count]))
        var options = TrainingOptions()
        options.learningRate = try number("learning_rate")
        options.warmUpSteps = 0
        options.decay = .constant
        options.epsilon = try number("epsilon")
        options.gradientNormLimit = try number("clip")
        let (side, images) = (try count("side"), try count("images"))
        let trainer = try Trainer(
            parameters, startsActnorm: false, options: options, seed: 0,
            setup: Trainer.Setup(imageShape: ImageShape(channels: 1, height: side, width: side), images: images))
        let steps = try count("training_steps")
        for step in 1 ... steps {
            let report = try trainer.advance(file.float32("batch.\(step)", shape: [images, 1, side, side]))
            let loss = try file.float64("loss.\(step)", shape: [1])[0]
            let norm = try file.float64("norm.\(step)", shape: [1])[0]
            #expect(abs(report.bitsPerDimension - loss) < 1e-5 * abs(loss))
            #expect(abs(report.gradientNorm - norm) < 1e-5 * norm)
            #expect(norm > options.gradientNormLimit, "clipping is not tested")
            // A step moves a parameter by up to the learning rate, 0.01.
            let expected = try file.float64("parameters.\(step)", shape: [layout.count])
            let worst = zip(trainer.parameters.values, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
            #expect(worst < 1e-5, "step \(step)")
        }
    }

    /// Pixels of 2 x 2 blocks are jointly normal with covariance A A', so the least loss that a model can have is the entropy,
    /// (2 log(2 pi e) + log|det A|) / (4 log 2) bits per dimension, and a linear flow reaches it.
    @Test(arguments: [GlowArchitecture.Coupling.additive, .affine], Precision.allCases)
    func learnsAGaussian(coupling: GlowArchitecture.Coupling, precision: Precision) throws {
        let factor: [Double] = [0.5, 0, 0, 0, 0.3, 0.2, 0, 0, -0.2, 0.1, 0.4, 0, 0.1, -0.3, 0.2, 0.1]
        let entropy = (2 * log(2 * Double.pi * M_E) + log(0.5 * 0.2 * 0.4 * 0.1)) / (4 * log(2))
        let shape = ImageShape(channels: 1, height: 4, width: 4)
        func batch(_ number: Int, images: Int) -> [Float] {
            var generator = SeededGenerator(seed: 1, stream: .noise, index: UInt64(number))
            return (0 ..< images).flatMap { _ in
                var image = [Float](repeating: 0, count: 16)
                for block in 0 ..< 4 {
                    let normals = (0 ..< 4).map { _ in generator.nextNormal() }
                    for row in 0 ..< 4 {
                        let value = (0 ..< 4).reduce(0.0) { $0 + factor[4 * row + $1] * normals[$1] }
                        image[(2 * (block / 2) + row / 2) * 4 + 2 * (block % 2) + row % 2] = Float(value)
                    }
                }
                return image
            }
        }
        let architecture = try GlowArchitecture(levels: 1, steps: 2, hidden: 8, imageChannels: 1, coupling: coupling)
        var setup = Trainer.Setup(imageShape: shape, images: 64)
        setup.precision = precision
        let steps = 600
        let trainer = try Trainer(
            .random(architecture: architecture, seed: 2), startsActnorm: true,
            options: options {
                $0.steps = steps
                $0.learningRate = 0.01
                $0.warmUpSteps = 20
                $0.emaDecay = 0.9
            }, seed: 2, setup: setup)
        var first = 0.0
        for step in 0 ..< steps {
            let report = try trainer.advance(batch(step, images: 64))
            if step == 0 { first = report.bitsPerDimension }
        }
        // The loss of 4096 new images: its standard deviation is sqrt(16 / 2 / 4096) nats, under 0.005 bits per dimension.
        let likelihood = try LikelihoodGradient(
            parameters: trainer.ema, imageShape: shape, images: 4096, recomputation: .inverted,
            kernels: InstructionSet.selected().table, parallelism: Parallelism(threads: 1))
        var gradient = trainer.ema.values
        let loss = likelihood.evaluate(
            batch(steps, images: 4096), parameters: trainer.ema.values, gradient: &gradient
        ).bitsPerDimension
        #expect(abs(loss - entropy) < 0.025)
        #expect(first > entropy + 0.1, "there was nothing to learn")
    }

    /// average+ = average + (1 - keep) (p+ - average), where keep rises as (1 + t) / (10 + t) up to the given one.
    @Test func theEMAFollowsTheWeights() throws {
        let setup = TrainingCase.all[2]
        let trainer = try Trainer(
            .random(architecture: setup.architecture, seed: 7), startsActnorm: false,
            options: options {
                $0.emaDecay = 0.2; $0.warmUpSteps = 0
            }, seed: 7, setup: trainerSetup(setup, .fp32))
        var expected = trainer.parameters.values.map(Double.init)
        for (step, keep) in [(1, 2.0 / 11), (2, 0.2), (3, 0.2)] {
            _ = try trainer.advance(setup.batch(seed: UInt64(step)))
            expected = zip(expected, trainer.parameters.values).map { $0 + (1 - keep) * (Double($1) - $0) }
            #expect(relativeGap(trainer.ema.values, expected) < 1e-6)
        }
    }

    private func trainer(_ setup: TrainingCase, _ precision: Precision, budget: Int = 4 << 30) throws -> Trainer {
        try Trainer(
            .random(architecture: setup.architecture, seed: 7), startsActnorm: true,
            options: options {
                $0.steps = 6
                $0.warmUpSteps = 2
            }, seed: 7, setup: trainerSetup(setup, precision, budget: budget))
    }

    private func trainerSetup(_ setup: TrainingCase, _ precision: Precision, threads: Int = 1, budget: Int = 4 << 30) -> Trainer.Setup {
        var result = Trainer.Setup(imageShape: setup.shape, images: setup.images)
        result.precision = precision
        result.threads = threads
        result.memoryBudget = budget
        return result
    }

    /// Saved before the first, after the second and after the fifth step, and gone on with another number of threads.
    @Test(arguments: TrainingCase.all, Precision.allCases)
    func resumingEqualsNotStopping(setup: TrainingCase, precision: Precision) throws {
        let folder = try TemporaryFolder()
        let whole = try trainer(setup, precision)
        var reports: [Double] = []
        for step in 0 ..< 6 { reports.append(try whole.advance(setup.batch(seed: UInt64(step))).bitsPerDimension) }

        var part = try trainer(setup, precision)
        for step in 0 ..< 6 {
            if [0, 2, 5].contains(step) {
                try part.checkpoint(notes: ["folder": "faces"]).write(to: folder.file("saved.checkpoint"))
                let read = try Checkpoint(path: folder.file("saved.checkpoint"))
                #expect(read.notes == ["folder": "faces"])
                #expect(read.step == step && read.seed == 7 && read.options == whole.options)
                part = try Trainer(resuming: read, setup: trainerSetup(setup, precision, threads: 2))
            }
            let loss = try part.advance(setup.batch(seed: UInt64(step))).bitsPerDimension
            #expect(loss == reports[step])
        }
        #expect(part.step == 6)
        #expect(same(part.parameters.values, whole.parameters.values))
        #expect(same(part.ema.values, whole.ema.values))
        #expect(!same(part.parameters.values, part.ema.values))
    }

    private func same(_ a: [Float], _ b: [Float]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
    }

    @Test func theBudgetChooses() throws {
        let setup = TrainingCase.all[2]
        #expect(try trainer(setup, .fp32).recomputation == .stored)
        #expect(try trainer(setup, .fp32, budget: 1).recomputation == .inverted)
    }

    /// A batch that has no finite loss moves nothing, and twenty in a row are an error.
    @Test func batchesThatAreNotFiniteAreSkipped() throws {
        let setup = TrainingCase.all[0]
        let trainer = try trainer(setup, .fp32)
        _ = try trainer.advance(setup.batch())
        let before = trainer.parameters.values
        let bad = setup.batch().map { _ in Float.nan }
        for _ in 0 ..< 19 { #expect(try !trainer.advance(bad).isApplied) }
        #expect(same(trainer.parameters.values, before))
        #expect(trainer.step == 20)
        let error = #expect(throws: TrainingError.self) { try trainer.advance(bad) }
        #expect(error?.description.contains("step 21") == true)
    }

    /// Two affine steps that shrink half of the channels a million times: the second mixes what is left with the other half, and the
    /// way back loses it in the roundings. The gradient of the first is then wrong, unless its state was stored.
    @Test func gradientsOfImagesThatDriftedAreNotUsed() throws {
        let setup = TrainingCase.all[1]
        var parameters = try setup.parameters()
        for step in parameters.layout.steps {
            let bias = step[.net2Bias]
            for index in bias.suffix(bias.count / 2) { parameters.values[index] = -16 }
            for index in step[.net2LogScale] { parameters.values[index] = 0 }
        }
        func report(budget: Int) throws -> Trainer.Report {
            try Trainer(parameters, startsActnorm: false, options: options(), seed: 1, setup: trainerSetup(setup, .fp32, budget: budget))
                .advance(setup.batch())
        }
        let inverted = try report(budget: 1)
        #expect(!inverted.isApplied && (inverted.drift ?? 0) > 0.1, "\(inverted)")
        #expect(try report(budget: 4 << 30).isApplied)
    }
}

private func fixture(_ name: String) throws -> String {
    try #require(Bundle.module.url(forResource: name, withExtension: "safetensors", subdirectory: "Fixtures")).path
}

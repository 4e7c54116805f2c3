import ArgumentParser
import Reglow

/// How the parameters are moved.
struct OptimizerArguments: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Steps of the whole training.", valueName: "steps"))
    var steps = TrainingOptions().steps

    @Option(parsing: .unconditional, help: ArgumentHelp("The highest learning rate of Adam.", valueName: "rate"))
    var learningRate = TrainingOptions().learningRate

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Steps over which the learning rate rises from 0.", valueName: "steps"))
    var warmUp = TrainingOptions().warmUpSteps

    @Option(help: "Whether the learning rate then falls along half a cosine until the last step, or stays.")
    var decay = TrainingOptions().decay

    @Option(parsing: .unconditional, help: ArgumentHelp("Norm to which a longer gradient is cut.", valueName: "norm"))
    var clip = TrainingOptions().gradientNormLimit

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Part of the exponential moving average of the weights that a step keeps; the average is the model.", valueName: "part"))
    var emaDecay = TrainingOptions().emaDecay

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Seed of the first weights, the order of the images, crops and noise.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Megabytes for what a step keeps of its forward pass. Where that is too little, it is computed again, backwards.",
            valueName: "MB"))
    var memory = 4096

    private static let mostMegabytes = 1 << 30

    func validate() throws {
        try require(
            (1 ... Self.mostMegabytes).contains(memory),
            "--memory is \(memory), but must be from 1 to \(Self.mostMegabytes)")
        try require(steps >= 1, "--steps is \(steps), but must be at least 1")
        try require(
            learningRate > 0 && learningRate.isFinite,
            "--learning-rate is \(learningRate), but must be a finite number above 0")
        try require(warmUp >= 0, "--warm-up is \(warmUp), but must not be negative")
        try require(clip > 0, "--clip is \(clip), but must be above 0")
        try require((0 ..< 1).contains(emaDecay), "--ema-decay is \(emaDecay), but must be at least 0 and below 1")
    }

    var options: TrainingOptions {
        var options = TrainingOptions()
        options.steps = steps
        options.learningRate = learningRate
        options.warmUpSteps = warmUp
        options.decay = decay
        options.gradientNormLimit = clip
        options.emaDecay = emaDecay
        return options
    }
}

extension TrainingOptions.Decay: ExpressibleByArgument {}

import Glibc

/// How the parameters are moved: Adam of Kingma and Ba (2015) with a learning rate that rises and falls, a bound on the gradient and
/// an average of the weights.
public struct TrainingOptions: Hashable, Codable, Sendable {
    /// How the learning rate goes on after it has risen.
    public enum Decay: String, Hashable, Codable, Sendable, CaseIterable {
        /// Stays.
        case constant
        /// Falls along half a cosine to `lastRate` of its height at step `steps`, and stays there.
        case cosine
    }

    /// Steps of the whole training.
    public var steps = 10_000
    /// The highest learning rate.
    public var learningRate = 1e-3
    /// Steps over which the learning rate rises linearly from 0.
    public var warmUpSteps = 500
    /// How the learning rate goes on after it has risen.
    public var decay = Decay.cosine
    /// A part of `learningRate`.
    public var lastRate = 0.01
    /// Decay of the first and the second moment.
    public var beta1 = 0.9
    /// The decay of the second moment.
    public var beta2 = 0.999
    /// Added to the root of the second moment.
    public var epsilon = 1e-8
    /// The Euclidean norm to which a longer gradient is cut.
    public var gradientNormLimit = 10.0
    /// Part of the average that a step keeps, once there are so many steps that this is less than (1 + t) / (10 + t).
    public var emaDecay = 0.999

    /// Makes the standard options.
    public init() {}

    /// The learning rate of step t = 1, 2, ...
    public func learningRate(step: Int) -> Double {
        let warmUp = warmUpSteps > 0 ? min(1, Double(step) / Double(warmUpSteps)) : 1
        guard decay == .cosine, step > warmUpSteps else { return learningRate * warmUp }
        let progress = min(1, Double(step - warmUpSteps) / Double(max(1, steps - warmUpSteps)))
        return learningRate * (lastRate + (1 - lastRate) * (1 + cos(.pi * progress)) / 2)
    }

    func emaDecay(step: Int) -> Double { min(emaDecay, Double(1 + step) / Double(10 + step)) }

    /// - Throws: `TrainingError` that names the first value out of bounds.
    public func validate() throws(TrainingError) {
        func require(_ name: String, _ value: Double, _ isValid: Bool, _ bounds: String) throws(TrainingError) {
            guard isValid else { throw TrainingError("\(name) is \(value), must be \(bounds)") }
        }
        try require("the number of steps", Double(steps), steps > 0, "positive")
        try require("the learning rate", learningRate, learningRate > 0 && learningRate.isFinite, "positive")
        try require("the number of warm-up steps", Double(warmUpSteps), warmUpSteps >= 0, "0 or more")
        try require("the last learning rate", lastRate, (0 ... 1).contains(lastRate), "a part of the first, from 0 to 1")
        try require("the decay of the first moment", beta1, (0 ..< 1).contains(beta1), "from 0 to below 1")
        try require("the decay of the second moment", beta2, (0 ..< 1).contains(beta2), "from 0 to below 1")
        try require("epsilon", epsilon, epsilon > 0 && epsilon.isFinite, "positive")
        try require("the limit of the gradient's norm", gradientNormLimit, gradientNormLimit > 0, "positive")
        try require("the decay of the average", emaDecay, (0 ..< 1).contains(emaDecay), "from 0 to below 1")
    }
}

/// The card of a model: what its file says about it beside the architecture. Free text.
public struct ModelCard: Hashable, Sendable {
    /// Every entry, those named below included.
    public var entries: [String: String]

    /// Makes a card of these entries.
    public init(_ entries: [String: String] = [:]) { self.entries = entries }

    /// What the model is called.
    public var name: String? { entries["name"] }
    /// The terms of use.
    public var license: String? { entries["license"] }
    /// What it was trained on.
    public var trainingData: String? { entries["training_data"] }
    /// How likely it finds images that it was not trained on.
    public var bitsPerDimension: String? { entries["bits_per_dimension"] }
}

/// Says where the weights of a Glow come from, step by step.
///
/// Whoever packs the weights takes one step at a time on each thread and drops it, so that a large model never stands in memory twice.
package protocol GlowParameterSource: Sendable {
    var architecture: GlowArchitecture { get }
    var card: ModelCard { get }

    /// The weights of step `index` of `level`, both 0-based and within the architecture; level 0 is the finest.
    ///
    /// - Throws: when the source holds no usable weights for the step.
    func step(level: Int, index: Int) throws -> FlowStepParameters

    /// What whitens the latent of `level`, in the form that the architecture says; nil where nothing does.
    ///
    /// - Throws: when the source holds no usable weights for it.
    func prior(level: Int) throws -> LevelPriorParameters?
}

extension GlowParameterSource {
    package func prior(level: Int) throws -> LevelPriorParameters? { nil }
}

/// All weights of a Glow, in memory.
package struct GlowParameters: GlowParameterSource, Sendable {
    package let architecture: GlowArchitecture
    package var card: ModelCard
    /// `levels[l][k]` is step k of level l.
    package let levels: [[FlowStepParameters]]
    /// What whitens the latent of each level; nil where nothing does.
    package let priors: [LevelPriorParameters?]

    /// - Parameter priors: one entry for each level, or none where no level has a prior.
    /// - Throws: `GlowArchitectureError` when the steps or priors are not those of the architecture, `FlowStepError` when the tensors of a
    ///   step are not.
    package init(
        architecture: GlowArchitecture, card: ModelCard = ModelCard(), levels: [[FlowStepParameters]], priors: [LevelPriorParameters?] = []
    ) throws {
        guard levels.count == architecture.levels else {
            throw GlowArchitectureError(.levels, "\(levels.count) are given, expected \(architecture.levels)")
        }
        for (level, steps) in levels.enumerated() {
            guard steps.count == architecture.steps[level] else {
                throw GlowArchitectureError(
                    .steps, "level \(level) is given \(steps.count), expected \(architecture.steps[level])")
            }
            guard steps.allSatisfy({ $0.shape == architecture.stepShape(level: level) }) else {
                throw GlowArchitectureError(.steps, "level \(level) has a step of another shape")
            }
            for (index, step) in steps.enumerated() { try architecture.require(step, level: level, index: index) }
        }
        let priors = priors.isEmpty ? [LevelPriorParameters?](repeating: nil, count: architecture.levels) : priors
        guard priors.map({ $0?.shape }) == (0 ..< architecture.levels).map({ architecture.priorShape(level: $0) }) else {
            throw GlowArchitectureError(.prior, "of a level is of another form or shape")
        }
        self.architecture = architecture
        self.card = card
        self.levels = levels
        self.priors = priors
    }

    /// - Throws: what the source throws.
    package init(reading source: some GlowParameterSource) throws {
        let architecture = source.architecture
        try self.init(
            architecture: architecture, card: source.card,
            levels: (0 ..< architecture.levels).map { level in
                try (0 ..< architecture.steps[level]).map { try source.step(level: level, index: $0) }
            }, priors: (0 ..< architecture.levels).map { try source.prior(level: $0) })
    }

    package func step(level: Int, index: Int) -> FlowStepParameters { levels[level][index] }

    package func prior(level: Int) -> LevelPriorParameters? { priors[level] }
}

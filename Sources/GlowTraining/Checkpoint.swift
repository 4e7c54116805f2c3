import FoundationEssentials
import GlowModel

/// All that a training needs to go on, and its file, `reglow-training/1`.
///
/// The file is safetensors: the parameter vector, its average and the moments of Adam as F32, see `ParameterLayout`; the fixed parts
/// of the 1x1 convolutions, one after the other; in the metadata the architecture as in a model file, the steps done, the seed, the
/// options as JSON, and notes under `note.` names.
package struct Checkpoint: Sendable {
    package let parameters: TrainingParameters
    let state: OptimizerState
    /// Steps done.
    package let step: Int
    let updates: Int
    let needsActnormStart: Bool
    package let seed: UInt64
    package let options: TrainingOptions
    /// What the owner of the training wrote into it.
    package let notes: [String: String]

    static let format = "reglow-training/1"

    private enum Key: String, CaseIterable {
        case format, step, updates, seed, options
        case needsActnormStart = "needs_actnorm_start"
    }

    private enum Tensor: String, CaseIterable {
        case parameters, ema
        case firstMoment = "moments.first"
        case secondMoment = "moments.second"
        case permutation = "mixing.permutation"
        case signs = "mixing.signs"
    }

    private static let notePrefix = "note."

    init(
        parameters: TrainingParameters, state: OptimizerState, step: Int, updates: Int, needsActnormStart: Bool, seed: UInt64,
        options: TrainingOptions, notes: [String: String]
    ) {
        self.parameters = parameters
        self.state = state
        self.step = step
        self.updates = updates
        self.needsActnormStart = needsActnormStart
        self.seed = seed
        self.options = options
        self.notes = notes
    }

    /// Writes the file. One at `path` is replaced only when the new one is complete.
    ///
    /// - Throws: `FileError` when it cannot be written.
    package func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var metadata = parameters.architecture.metadata
        metadata[Key.format.rawValue] = Self.format
        metadata[Key.step.rawValue] = String(step)
        metadata[Key.updates.rawValue] = String(updates)
        metadata[Key.seed.rawValue] = String(seed)
        metadata[Key.needsActnormStart.rawValue] = String(needsActnormStart)
        metadata[Key.options.rawValue] = String(decoding: try encoder.encode(options), as: UTF8.self)
        for (name, note) in notes { metadata[Self.notePrefix + name] = note }
        let tensors = Tensor.allCases.map { tensor in
            let values = values(of: tensor)
            return SafetensorsTensor(tensor.rawValue, shape: [values.count], values)
        }
        try SafetensorsFile.write(tensors: tensors, metadata: metadata, to: path)
    }

    private func values(of tensor: Tensor) -> [Float] {
        switch tensor {
        case .parameters: parameters.values
        case .ema: state.ema
        case .firstMoment: state.first
        case .secondMoment: state.second
        case .permutation: parameters.frames.flatMap { $0.permutation.map(Float.init) }
        case .signs: parameters.frames.flatMap(\.signs)
        }
    }

    /// Reads a file, and checks everything in it.
    ///
    /// - Throws: `ModelFileError` that names what is wrong with the file and where.
    package init(path: String) throws {
        let file = try SafetensorsFile(path: path)
        func fault(_ key: Key, _ text: String) -> ModelFileError { ModelFileError(path: path, .metadata(key: key.rawValue), text) }
        func text(_ key: Key) throws -> String {
            guard let text = file.metadata[key.rawValue] else { throw fault(key, "is missing") }
            return text
        }
        func number<Value: LosslessStringConvertible>(_ key: Key, _ expected: String) throws -> Value {
            guard let value = Value(try text(key)) else { throw fault(key, "is not \(expected)") }
            return value
        }
        guard try text(.format) == Self.format else { throw fault(.format, "is not \"\(Self.format)\": no training to resume") }
        let architecture: GlowArchitecture
        do {
            architecture = try GlowArchitecture(trainingMetadata: file.metadata)
        } catch let error as GlowArchitectureError {
            throw ModelFileError(path: path, .metadata(key: error.key.rawValue), error.fault)
        }
        step = try number(.step, "a number of steps")
        updates = try number(.updates, "a number of steps")
        guard step >= 0, (0 ... step).contains(updates) else { throw fault(.updates, "\(updates) of \(step) steps cannot be") }
        seed = try number(.seed, "a seed")
        needsActnormStart = try number(.needsActnormStart, "true or false")
        do {
            options = try JSONDecoder().decode(TrainingOptions.self, from: Data(text(.options).utf8))
            try options.validate()
        } catch let error as ModelFileError {
            throw error
        } catch {
            throw fault(.options, (error as? TrainingError)?.description ?? "are not those of a training")
        }
        notes = Dictionary(
            uniqueKeysWithValues: file.metadata.filter { $0.key.hasPrefix(Self.notePrefix) }
                .map { (String($0.key.dropFirst(Self.notePrefix.count)), $0.value) })

        let layout = ParameterLayout(architecture)
        let channels = layout.steps.reduce(0) { $0 + $1.shape.channels }
        func values(_ tensor: Tensor) throws -> [Float] {
            let isFixed = tensor == .permutation || tensor == .signs
            return try file.float32(tensor.rawValue, shape: [isFixed ? channels : layout.count])
        }
        if let unknown = file.tensorNames.first(where: { Tensor(rawValue: $0) == nil }) {
            throw ModelFileError(path: path, .tensor(name: unknown), "is not part of a training")
        }
        do {
            let frames = try Self.frames(layout, permutation: values(.permutation), signs: values(.signs))
            parameters = try TrainingParameters(architecture: architecture, frames: frames, values: values(.parameters))
        } catch let error as TrainingError {
            throw ModelFileError(path: path, .tensor(name: Tensor.permutation.rawValue), error.description)
        }
        var state = OptimizerState(starting: try values(.ema))
        state.first = try values(.firstMoment)
        state.second = try values(.secondMoment)
        if let index = state.second.firstIndex(where: { $0 < 0 }) {
            throw ModelFileError(
                path: path, .tensor(name: Tensor.secondMoment.rawValue), "value \(index) is negative, a mean of squares cannot be")
        }
        self.state = state
    }

    private static func frames(_ layout: ParameterLayout, permutation: [Float], signs: [Float]) throws -> [MixingFrame] {
        var first = 0
        return try layout.steps.map { step in
            let range = first ..< first + step.shape.channels
            first = range.upperBound
            return try MixingFrame(
                permutation: permutation[range].map { Int(exactly: $0) ?? -1 }, signs: Array(signs[range]))
        }
    }
}

extension GlowArchitecture {
    /// The architecture from the metadata of a checkpoint, which differ from a model file's in the format.
    fileprivate init(trainingMetadata metadata: [String: String]) throws {
        var metadata = metadata
        metadata["format"] = Self.formats[0]
        try self.init(metadata: metadata)
    }
}

/// A model file, `reglow-glow/1`: opened, its architecture and every tensor's name, shape and dtype checked.
///
/// Values are checked as the steps are read: finite, and M invertible. The file stays mapped as long as a copy of this value lives.
package struct ModelFile: GlowParameterSource, Sendable {
    package let architecture: GlowArchitecture
    package let card: ModelCard
    private let file: SafetensorsFile

    /// - Throws: `ModelFileError` that names the file and the metadata key or tensor at fault.
    package init(path: String) throws {
        file = try SafetensorsFile(path: path)
        do {
            architecture = try GlowArchitecture(metadata: file.metadata)
            _ = try NoiseLevels(metadata: file.metadata)
        } catch let error as GlowArchitectureError {
            throw ModelFileError(path: path, .metadata(key: error.key.rawValue), error.fault)
        } catch let error as NoiseLevelsError {
            throw ModelFileError(path: path, .metadata(key: error.key), error.fault)
        }
        let architectureKeys = Set(GlowArchitectureError.Key.allCases.map(\.rawValue))
        card = ModelCard(file.metadata.filter { !architectureKeys.contains($0.key) })

        var expected = Set<String>()
        for level in 0 ..< architecture.levels {
            let shape = architecture.stepShape(level: level)
            for step in 0 ..< architecture.steps[level] {
                for tensor in FlowStepTensor.allCases {
                    let name = tensor.name(level: level, step: step)
                    try file.requireFloat32(name, shape: tensor.dimensions(in: shape))
                    expected.insert(name)
                }
            }
        }
        if let unknown = file.tensorNames.first(where: { !expected.contains($0) }) {
            throw ModelFileError(path: path, .tensor(name: unknown), "is not part of the architecture")
        }
    }

    package var path: String { file.path }

    /// Size of the file in bytes.
    package var bytes: Int { file.bytes }

    /// - Throws: `ModelFileError` for a value that is not finite and for an M that is not invertible.
    package func step(level: Int, index: Int) throws -> FlowStepParameters {
        let shape = architecture.stepShape(level: level)
        do {
            return try FlowStepParameters(shape: shape) { tensor in
                try file.float32(tensor.name(level: level, step: index), shape: tensor.dimensions(in: shape))
            }
        } catch let error as FlowStepError {
            throw ModelFileError(path: path, .tensor(name: error.tensor.name(level: level, step: index)), error.fault)
        }
    }

    /// Writes a model. A file at `path` is replaced only when the new one is complete.
    ///
    /// An entry of the card that has the name of a key of the architecture is left out.
    ///
    /// - Parameter networks: how the weights of the coupling networks are stored; everything else is F32, so that log|det M| stays
    ///   what it was.
    /// - Throws: what the source throws, `ModelFileError` for a weight that `networks` cannot hold, and `FileError` when the file
    ///   cannot be written.
    package static func write(
        _ source: some GlowParameterSource, to path: String, networks: WeightStorage = .fp32
    ) throws {
        let architecture = source.architecture
        var tensors = [SafetensorsTensor]()
        for level in 0 ..< architecture.levels {
            for index in 0 ..< architecture.steps[level] {
                let step = try source.step(level: level, index: index)
                for tensor in FlowStepTensor.allCases {
                    let name = tensor.name(level: level, step: index)
                    let storage = tensor.isNetworkWeight ? networks : .fp32
                    if let value = step[tensor].first(where: { !storage.rounded($0).isFinite }) {
                        throw ModelFileError(path: path, .tensor(name: name), "value \(value) cannot be stored as \(storage.rawValue)")
                    }
                    tensors.append(
                        SafetensorsTensor(name, shape: tensor.dimensions(in: step.shape), step[tensor], stored: storage))
                }
            }
        }
        let metadata = source.card.entries.merging(architecture.metadata) { _, architecture in architecture }
        try SafetensorsFile.write(tensors: tensors, metadata: metadata, to: path)
    }
}

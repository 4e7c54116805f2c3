/// A model file, `reglow-glow/1` or `reglow-glow/2`: opened, its architecture and every tensor's name, shape and dtype checked.
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
            architecture = try Self.architecture(of: file)
            _ = try NoiseLevels(metadata: file.metadata)
        } catch let error as GlowArchitectureError {
            throw ModelFileError(path: path, .metadata(key: error.key.rawValue), error.fault)
        } catch let error as NoiseLevelsError {
            throw ModelFileError(path: path, .metadata(key: error.key), error.fault)
        }
        card = ModelCard(file.metadata.filter { !Self.architectureKeys.contains($0.key) })

        var expected = Set<String>()
        for level in 0 ..< architecture.levels {
            let shape = architecture.stepShape(level: level)
            for step in 0 ..< architecture.steps[level] {
                for tensor in FlowStepTensor.allCases {
                    let name = tensor.name(level: level, step: step)
                    try file.requireFloat32(name, shape: tensor.dimensions(in: shape))
                    expected.insert(name)
                }
                let optional = architecture.variant.tensors(level: level, step: step)
                for tensor in OptionalStepTensor.allCases where optional.contains(tensor) {
                    let name = tensor.name(level: level, step: step)
                    try file.requireFloat32(name, shape: tensor.dimensions(in: shape))
                    expected.insert(name)
                }
            }
            guard let prior = architecture.priorShape(level: level) else { continue }
            for tensor in LevelPriorTensor.allCases where prior.form.tensors.contains(tensor) {
                try file.requireFloat32(tensor.name(level: level), shape: tensor.dimensions(in: prior))
                expected.insert(tensor.name(level: level))
            }
        }
        if let unknown = file.tensorNames.first(where: { !expected.contains($0) }) {
            throw ModelFileError(path: path, .tensor(name: unknown), "is not part of the architecture")
        }
    }

    package var path: String { file.path }

    /// Size of the file in bytes.
    package var bytes: Int { file.bytes }

    /// - Throws: `ModelFileError` for a value that is not finite, for an M that is not invertible and for an offset with which a scale could
    ///   be 0.
    package func step(level: Int, index: Int) throws -> FlowStepParameters {
        let shape = architecture.stepShape(level: level)
        var optional: [OptionalStepTensor: [Float]] = [:]
        for tensor in architecture.variant.tensors(level: level, step: index) {
            optional[tensor] = try file.float32(tensor.name(level: level, step: index), shape: tensor.dimensions(in: shape))
        }
        do {
            let step = try FlowStepParameters(shape: shape, optional: optional) { tensor in
                try file.float32(tensor.name(level: level, step: index), shape: tensor.dimensions(in: shape))
            }
            try architecture.require(step, level: level, index: index)
            return step
        } catch let error as FlowStepError {
            throw ModelFileError(path: path, .tensor(name: "levels.\(level).steps.\(index).\(error.tensor)"), error.fault)
        }
    }

    /// - Throws: `ModelFileError` for a value that is not finite.
    package func prior(level: Int) throws -> LevelPriorParameters? {
        guard let shape = architecture.priorShape(level: level) else { return nil }
        return try LevelPriorParameters(shape: shape) { tensor in
            try file.float32(tensor.name(level: level), shape: tensor.dimensions(in: shape))
        }
    }
}

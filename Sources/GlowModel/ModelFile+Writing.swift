extension ModelFile {
    /// Writes a model, of version 1 where that holds it, else of version 2. A file at `path` is replaced only when the new one is complete.
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
        func add(_ name: String, _ dimensions: [Int], _ values: [Float], stored storage: WeightStorage) throws {
            if let value = values.first(where: { !storage.rounded($0).isFinite }) {
                throw ModelFileError(path: path, .tensor(name: name), "value \(value) cannot be stored as \(storage.rawValue)")
            }
            tensors.append(SafetensorsTensor(name, shape: dimensions, values, stored: storage))
        }
        for level in 0 ..< architecture.levels {
            for index in 0 ..< architecture.steps[level] {
                let step = try source.step(level: level, index: index)
                for tensor in FlowStepTensor.allCases {
                    try add(
                        tensor.name(level: level, step: index), tensor.dimensions(in: step.shape), step[tensor],
                        stored: tensor.isNetworkWeight ? networks : .fp32)
                }
                for tensor in OptionalStepTensor.allCases {
                    guard let values = step[tensor] else { continue }
                    try add(tensor.name(level: level, step: index), tensor.dimensions(in: step.shape), values, stored: .fp32)
                }
            }
            guard let prior = try source.prior(level: level) else { continue }
            for tensor in LevelPriorTensor.allCases {
                guard let values = prior[tensor] else { continue }
                try add(tensor.name(level: level), tensor.dimensions(in: prior.shape), values, stored: .fp32)
            }
        }
        let card = source.card.entries.filter { !architectureKeys.contains($0.key) }
        try SafetensorsFile.write(tensors: tensors, metadata: card.merging(architecture.metadata) { $1 }, to: path)
    }
}

/// What the tensors of a model file of version 2 tell of the architecture, beside the metadata.
extension ModelFile {
    /// Entries of the metadata that are not part of the card.
    static let architectureKeys = Set(GlowArchitectureError.Key.allCases.filter { $0 != .prior }.map(\.rawValue))

    /// The architecture by the metadata and by which optional tensors are there. Version 1 knows none.
    ///
    /// - Throws: `GlowArchitectureError`, and `ModelFileError` that names the tensor at fault.
    static func architecture(of file: SafetensorsFile) throws -> GlowArchitecture {
        let stated = try GlowArchitecture(metadata: file.metadata)
        guard file.metadata[GlowArchitectureError.Key.format.rawValue] != GlowArchitecture.formats[0] else { return stated }
        let names = Set(file.tensorNames)
        let stepTensors = stated.steps.enumerated().map { level, steps in
            (0 ..< steps).map { step in
                Set(OptionalStepTensor.allCases.filter { names.contains($0.name(level: level, step: step)) })
            }
        }
        for (level, steps) in stepTensors.enumerated() where stated.coupling == .additive {
            guard let step = steps.firstIndex(where: { $0.contains(.scaleOffset) }) else { continue }
            let name = OptionalStepTensor.scaleOffset.name(level: level, step: step)
            throw ModelFileError(path: file.path, .tensor(name: name), "is for affine coupling, but this one is additive")
        }
        let priors = try (0 ..< stated.levels).map { try priorForm(level: $0, of: stated, in: file, names) }
        do {
            return try stated.having(stepTensors: stepTensors, priors: priors)
        } catch let error as GlowArchitectureError where error.key == .prior {
            let map = priors.indices.last { if case .map? = priors[$0] { true } else { false } }
            throw ModelFileError(path: file.path, .tensor(name: LevelPriorTensor.map.name(level: map ?? 0)), error.fault)
        }
    }

    private static func priorForm(
        level: Int, of architecture: GlowArchitecture, in file: SafetensorsFile, _ names: Set<String>
    ) throws -> LevelPriorForm? {
        let tensors = Set(LevelPriorTensor.allCases.filter { names.contains($0.name(level: level)) })
        func fault(_ tensor: LevelPriorTensor, _ text: String) -> ModelFileError {
            ModelFileError(path: file.path, .tensor(name: tensor.name(level: level)), text)
        }
        if tensors.contains(.weight), level == architecture.levels - 1 {
            throw fault(.weight, "is of the last level, which keeps no half that it could act on")
        }
        guard tensors.contains(.map) else { return tensors.isEmpty ? nil : .convolution(tensors) }
        if let other = LevelPriorTensor.allCases.first(where: { $0 != .map && tensors.contains($0) }) {
            throw fault(other, "is there beside prior.\(LevelPriorTensor.map.rawValue), which replaces it")
        }
        let dimensions = try file.shape(LevelPriorTensor.map.name(level: level))
        guard dimensions.count == 3 else {
            throw fault(.map, "shape \(ModelFileError.written(dimensions)), expected three dimensions")
        }
        return .map(height: dimensions[1], width: dimensions[2])
    }
}

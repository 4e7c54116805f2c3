import GlowModel
import GlowTraining
import KernelInterface
import TestSupport
import Testing

/// `Checkpoint`: each fault in a file is named.
@Suite struct CheckpointTests {
    /// The tensors and metadata of a good file.
    private func good(_ folder: TemporaryFolder) throws -> (tensors: [SafetensorsTensor], metadata: [String: String]) {
        let setup = TrainingCase.all[0]
        let trainer = try Trainer(
            .random(architecture: setup.architecture, seed: 1), startsActnorm: true, options: TrainingOptions(), seed: 1,
            setup: Trainer.Setup(imageShape: setup.shape, images: setup.images))
        _ = try trainer.advance(setup.batch())
        try trainer.checkpoint().write(to: folder.file("good"))
        let file = try SafetensorsFile(path: folder.file("good"))
        let tensors = try file.tensorNames.map { name in
            let shape = try file.shape(name)
            return SafetensorsTensor(name, shape: shape, try file.float32(name, shape: shape))
        }
        return (tensors, file.metadata)
    }

    private func expectFault(
        _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
        change: (inout [SafetensorsTensor], inout [String: String]) -> Void
    ) throws {
        let folder = try TemporaryFolder()
        var (tensors, metadata) = try good(folder)
        change(&tensors, &metadata)
        let path = folder.file("changed")
        try SafetensorsFile.write(tensors: tensors, metadata: metadata, to: path)
        let error = #expect(throws: ModelFileError.self, sourceLocation: sourceLocation) { try Checkpoint(path: path) }
        for word in words + [path] {
            #expect(error?.description.contains(word) == true, "\(error?.description ?? "no error")", sourceLocation: sourceLocation)
        }
    }

    private func replace(_ name: String, in tensors: inout [SafetensorsTensor], _ change: (inout [Float]) -> Void) {
        for (index, tensor) in tensors.enumerated() where tensor.name == name {
            guard case .float32(var values) = tensor.values else { continue }
            change(&values)
            tensors[index] = SafetensorsTensor(name, shape: [values.count], values)
        }
    }

    @Test func whatIsMissingIsNamed() throws {
        for name in ["parameters", "ema", "moments.first", "moments.second", "mixing.permutation", "mixing.signs"] {
            try expectFault(name, "is missing") { tensors, _ in tensors.removeAll { $0.name == name } }
        }
        for key in ["format", "step", "updates", "seed", "options", "needs_actnorm_start", "hidden", "steps", "coupling"] {
            try expectFault(key, "is missing") { _, metadata in metadata[key] = nil }
        }
    }

    @Test func whatIsWrongIsNamed() throws {
        try expectFault("format", "no training to resume") { $1["format"] = "reglow-glow/1" }
        try expectFault("step", "number of steps") { $1["step"] = "many" }
        try expectFault("updates") { $1["updates"] = "2" }
        try expectFault("updates") { $1["step"] = "-1" }
        try expectFault("seed") { $1["seed"] = "-1" }
        try expectFault("needs_actnorm_start", "true or false") { $1["needs_actnorm_start"] = "perhaps" }
        try expectFault("options") { $1["options"] = "{" }
        try expectFault("options", "learning rate") { _, metadata in
            metadata["options"] = metadata["options"]?.replacing("\"learningRate\":0.001", with: "\"learningRate\":-1")
        }
        try expectFault("hidden") { $1["hidden"] = "0" }
        try expectFault("shape", "expected") { $1["hidden"] = "9" }
        try expectFault("spare", "not part of a training") { tensors, _ in
            tensors.append(SafetensorsTensor("spare", shape: [1], [Float(1)]))
        }
        try expectFault("ema", "must be finite") { tensors, _ in replace("ema", in: &tensors) { $0[3] = .nan } }
        try expectFault("moments.second", "negative") { tensors, _ in replace("moments.second", in: &tensors) { $0[3] = -1 } }
        try expectFault("mixing.permutation", "permutation") { tensors, _ in
            replace("mixing.permutation", in: &tensors) { $0[0] = $0[1] }
        }
        try expectFault("mixing.permutation") { tensors, _ in replace("mixing.permutation", in: &tensors) { $0[0] = 0.5 } }
        try expectFault("signs") { tensors, _ in replace("mixing.signs", in: &tensors) { $0[0] = 0 } }
    }

    @Test func optionsOutOfBoundsAreRefused() throws {
        let setup = TrainingCase.all[0]
        let changes: [(String, (inout TrainingOptions) -> Void)] = [
            ("steps", { $0.steps = 0 }), ("learning rate", { $0.learningRate = .nan }), ("warm-up", { $0.warmUpSteps = -1 }),
            ("first moment", { $0.beta1 = 1 }), ("epsilon", { $0.epsilon = 0 }), ("norm", { $0.gradientNormLimit = 0 }),
            ("average", { $0.emaDecay = 1 }), ("last learning rate", { $0.lastRate = 2 }),
        ]
        for (word, change) in changes {
            var options = TrainingOptions()
            change(&options)
            let error = #expect(throws: TrainingError.self) {
                try Trainer(
                    .random(architecture: setup.architecture, seed: 1), startsActnorm: true, options: options, seed: 1,
                    setup: Trainer.Setup(imageShape: setup.shape, images: 1))
            }
            #expect(error?.description.contains(word) == true)
        }
    }

    @Test func batchesThatTheFlowDoesNotTakeAreRefused() throws {
        let parameters = try TrainingParameters.random(architecture: TrainingCase.all[2].architecture, seed: 1)
        let shapes = [(1, 8, 6, 1), (3, 8, 8, 1), (1, 8, 8, 0), (1, 0, 8, 1), (1, 1 << 40, 1 << 40, 1 << 40)]
        for (channels, height, width, images) in shapes {
            #expect(throws: TrainingError.self) {
                try Trainer(
                    parameters, startsActnorm: true, options: TrainingOptions(), seed: 1,
                    setup: Trainer.Setup(imageShape: ImageShape(channels: channels, height: height, width: width), images: images))
            }
        }
    }
}

import GlowModel
import TestSupport
import Testing

/// Model files of version 2: what they hold, and what is refused in them by its name.
@Suite struct ModelFileVariantTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// Two levels of one channel, with everything that a file can have but a map.
    private static let variant = GlowVariant(
        affineOrder: .scaleFirst, scaleMap: .expSigmoid, split: .second, squeezes: [.contiguous, .interleaved],
        stepTensors: [[[.scaleOffset, .net0Border], [.net2Border]], [[]]],
        priors: [.convolution([.weight, .bias, .border]), .convolution([.bias])])

    /// Metadata and tensors of a small model, to be spoilt and written.
    private struct Draft {
        var metadata: [String: String]
        var tensors: [String: (shape: [Int], values: [Float])] = [:]

        init(
            _ variant: GlowVariant = ModelFileVariantTests.variant, coupling: GlowArchitecture.Coupling = .affine,
            in folder: TemporaryFolder
        )
            throws
        {
            let architecture = try GlowArchitecture(steps: [2, 1], hidden: 5, imageChannels: 1, coupling: coupling, variant: variant)
            let path = folder.file("whole.safetensors")
            try ModelFile.write(RandomGlow(architecture: architecture, seed: 3), to: path)
            let file = try SafetensorsFile(path: path)
            metadata = file.metadata
            for name in file.tensorNames {
                let shape = try file.shape(name)
                tensors[name] = (shape, try file.float32(name, shape: shape))
            }
        }

        func write(to folder: TemporaryFolder) throws -> String {
            let path = folder.file("draft.safetensors")
            try SafetensorsFile.write(
                tensors: tensors.map { SafetensorsTensor($0, shape: $1.shape, $1.values) }, metadata: metadata, to: path)
            return path
        }
    }

    private func load(_ path: String) throws -> GlowParameters { try GlowParameters(reading: ModelFile(path: path)) }

    /// Names as the text of the format has them.
    @Test func theFileSaysWhatTheArchitectureIs() throws {
        let draft = try Draft(in: folder)
        let expected = [
            "format": "reglow-glow/2", "affine_order": "scale-first", "scale_map": "exp-sigmoid", "split": "second",
            "squeeze": "contiguous,interleaved",
        ]
        for (key, value) in expected { #expect(draft.metadata[key] == value) }
        let shapes = [
            "levels.0.steps.0.scale_offset": [1], "levels.0.steps.0.net.0.border": [5, 3, 3], "levels.0.steps.1.net.2.border": [4, 3, 3],
            "levels.0.prior.weight": [4, 2, 3, 3], "levels.0.prior.bias": [4], "levels.0.prior.border": [4, 3, 3],
            "levels.1.prior.bias": [16],
        ]
        for (name, shape) in shapes { #expect(draft.tensors[name]?.shape == shape, "\(name)") }
        #expect(draft.tensors.count == 3 * 8 + shapes.count)
    }

    @Test(arguments: GlowCase.variants) func writtenModelIsReadBack(setup: GlowCase) throws {
        let source = try setup.source()
        let path = folder.file("written.safetensors")
        try ModelFile.write(source, to: path)
        let read = try load(path)
        #expect(read.architecture == source.architecture)
        #expect(!read.architecture.isStandard)
        var count = 0
        for level in 0 ..< read.architecture.levels {
            for (index, step) in read.levels[level].enumerated() {
                let written = try source.step(level: level, index: index)
                for tensor in FlowStepTensor.allCases { #expect(step[tensor] == written[tensor]) }
                for tensor in OptionalStepTensor.allCases { #expect(step[tensor] == written[tensor]) }
                count += FlowStepTensor.allCases.reduce(0) { $0 + step[$1].count }
                count += OptionalStepTensor.allCases.reduce(0) { $0 + (step[$1]?.count ?? 0) }
            }
            let written = try source.prior(level: level)
            for tensor in LevelPriorTensor.allCases {
                #expect(read.priors[level]?[tensor] == written?[tensor])
                count += written?[tensor]?.count ?? 0
            }
        }
        #expect(count == read.architecture.parameterCount)
    }

    /// What version 1 holds is written as version 1, whatever the metadata of the card say.
    @Test func whatVersion1HoldsStaysVersion1() throws {
        let architecture = try GlowArchitecture(
            levels: 2, steps: 1, hidden: 3, coupling: .affine, variant: GlowVariant(squeezes: [.interleaved, .interleaved]))
        var parameters = try GlowParameters.random(architecture: architecture, seed: 1)
        parameters.card = ModelCard(["split": "second", "prior": "kept"])
        let path = folder.file("first.safetensors")
        try ModelFile.write(parameters, to: path)
        let metadata = try SafetensorsFile(path: path).metadata
        #expect(metadata["format"] == "reglow-glow/1" && metadata["split"] == nil && metadata["affine_order"] == nil)
        #expect(try ModelFile(path: path).card.entries == ["prior": "kept"])
    }

    /// An additive coupling has neither order nor scales.
    @Test func additiveModelsHaveNoOrder() throws {
        let variant = GlowVariant(affineOrder: .scaleFirst, scaleMap: .exp)
        #expect(try GlowArchitecture(steps: [1], hidden: 3, variant: variant).isStandard)
    }

    @Test(arguments: [
        ("affine_order", "shift"), ("affine_order", ""), ("scale_map", "exponential"), ("scale_map", "Exp"), ("split", "both"),
        ("split", "1"), ("squeeze", "contiguous"), ("squeeze", "contiguous,contiguous,contiguous"), ("squeeze", "contiguous, interleaved"),
        ("squeeze", "contiguous,"), ("squeeze", ""), ("format", "reglow-glow/3"), ("format", "reglow-glow/02"),
    ])
    func unknownValuesNameTheKey(key: String, value: String) throws {
        var draft = try Draft(in: folder)
        draft.metadata[key] = value
        let path = try draft.write(to: folder)
        expectFault(path, "metadata \"\(key)\"") { _ = try ModelFile(path: path) }
    }

    /// A key that is left out has its default.
    @Test func defaultsAreThoseOfVersion1() throws {
        var draft = try Draft(in: folder)
        for key in ["affine_order", "scale_map", "split", "squeeze"] { draft.metadata[key] = nil }
        let variant = try ModelFile(path: draft.write(to: folder)).architecture.variant
        #expect(variant.affineOrder == .shiftFirst && variant.scaleMap == .sigmoid && variant.split == .first)
        #expect((0 ..< 2).allSatisfy { variant.squeeze(level: $0) == .interleaved })
        #expect(variant.tensors(level: 0, step: 0) == [.scaleOffset, .net0Border])
    }

    /// Version 1 would not heed it, and give a wrong map without an error.
    @Test(arguments: ["affine_order", "scale_map", "split", "squeeze"]) func version1MayNotStateIt(key: String) throws {
        var draft = try Draft(.standard, in: folder)
        draft.metadata[key] = try Draft(in: folder).metadata[key]
        let path = try draft.write(to: folder)
        expectFault(path, "metadata \"\(key)\"", "reglow-glow/2") { _ = try ModelFile(path: path) }
    }

    @Test(arguments: [
        "levels.0.steps.0.scale_offset", "levels.0.steps.1.net.0.border", "levels.0.prior.bias", "levels.1.prior.map",
    ])
    func version1MayNotHaveIt(name: String) throws {
        var draft = try Draft(.standard, in: folder)
        draft.tensors[name] = ([1], [0.5])
        expectFault("\"\(name)\"", "not part") { _ = try ModelFile(path: draft.write(to: folder)) }
    }

    @Test(arguments: [
        "levels.0.steps.2.scale_offset", "levels.0.steps.0.net.1.border", "levels.2.prior.bias", "levels.0.prior.scale",
        "levels.0.steps.00.scale_offset", "prior.bias",
    ])
    func unknownTensorsAreNamed(name: String) throws {
        var draft = try Draft(in: folder)
        draft.tensors[name] = ([1], [0.5])
        expectFault("\"\(name)\"", "not part") { _ = try ModelFile(path: draft.write(to: folder)) }
    }

    @Test(arguments: [
        "levels.0.steps.0.scale_offset", "levels.0.steps.0.net.0.border", "levels.0.steps.1.net.2.border", "levels.0.prior.weight",
        "levels.0.prior.bias", "levels.0.prior.border", "levels.1.prior.bias",
    ])
    func shapesAndValuesAreChecked(name: String) throws {
        let draft = try Draft(in: folder)
        let original = try #require(draft.tensors[name])
        var reshaped = draft
        reshaped.tensors[name] = (original.shape + [1], original.values)
        expectFault("\"\(name)\"", "shape") { _ = try ModelFile(path: reshaped.write(to: folder)) }
        for value in [Float.nan, .infinity] {
            var spoilt = draft
            spoilt.tensors[name]?.values[original.values.count - 1] = value
            let path = try spoilt.write(to: folder)
            expectFault("\"\(name)\"", "finite") { _ = try load(path) }
        }
    }

    @Test func whatCannotGoTogetherIsNamed() throws {
        var last = try Draft(in: folder)
        last.tensors["levels.1.prior.weight"] = ([16, 0, 3, 3], [])
        expectFault("\"levels.1.prior.weight\"", "last level") { _ = try ModelFile(path: last.write(to: folder)) }

        var both = try Draft(in: folder)
        both.tensors["levels.1.prior.map"] = ([16, 1, 1], [Float](repeating: 0, count: 16))
        expectFault("\"levels.1.prior.bias\"", "prior.map") { _ = try ModelFile(path: both.write(to: folder)) }

        var additive = try Draft(GlowVariant(split: .second), coupling: .additive, in: folder)
        additive.tensors["levels.0.steps.1.scale_offset"] = ([1], [0.5])
        expectFault("\"levels.0.steps.1.scale_offset\"", "additive") { _ = try ModelFile(path: additive.write(to: folder)) }

        for (map, offset) in [("sigmoid", Float(-0.25)), ("exp", -1e-6), ("inverse-sigmoid", -1.5), ("exp-sigmoid", -1.01)] {
            var negative = try Draft(in: folder)
            negative.metadata["scale_map"] = map
            negative.tensors["levels.0.steps.0.scale_offset"] = ([1], [offset])
            let path = try negative.write(to: folder)
            expectFault("\"levels.0.steps.0.scale_offset\"", "above 0") { _ = try load(path) }
        }
    }

    @Test func mapsAreOfOneImageSize() throws {
        let maps = GlowVariant(priors: [.map(height: 4, width: 6), .map(height: 2, width: 3)])
        let architecture = try GlowArchitecture(steps: [2, 1], hidden: 5, imageChannels: 1, coupling: .affine, variant: maps)
        #expect(architecture.fixedImageSize ?? (0, 0) == (8, 12))
        #expect(architecture.isValid(height: 8, width: 12) && !architecture.isValid(height: 12, width: 8))
        #expect(!architecture.isValid(height: 16, width: 24))

        func faulty(_ shape: [Int], _ words: String...) throws {
            var draft = try Draft(maps, in: folder)
            draft.tensors["levels.1.prior.map"] = (shape, [Float](repeating: 0, count: shape.reduce(1, *)))
            let path = try draft.write(to: folder)
            for word in words + ["\"levels.1.prior.map\""] { expectFault(word) { _ = try ModelFile(path: path) } }
        }
        try faulty([16, 2, 4], "8x16", "8x12")
        try faulty([16, 0, 3], "0x3")
        try faulty([16, 6], "three dimensions")
        try faulty([8, 2, 3], "shape")
    }
}

import Foundation
import GlowModel
import KernelInterface
import TestSupport
import Testing

@Suite struct ModelFileTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// Metadata and tensors of a small model, to be spoilt and written.
    struct Draft {
        var metadata: [String: String]
        var tensors: [String: (shape: [Int], values: [Float])]

        init() throws {
            let architecture = try GlowArchitecture(steps: [2, 1], hidden: 5, imageChannels: 1, coupling: .affine)
            let source = RandomGlow(architecture: architecture, seed: 1)
            metadata = [
                "format": "reglow-glow/1", "image_channels": "1", "levels": "2", "steps": "2,1", "hidden": "5",
                "coupling": "affine", "pixel_shift": "-0.5",
            ]
            tensors = [:]
            for (level, step) in [(0, 0), (0, 1), (1, 0)] {
                let parameters = try source.step(level: level, index: step)
                for tensor in FlowStepTensor.allCases {
                    tensors["levels.\(level).steps.\(step).\(tensor.rawValue)"] =
                        (tensor.dimensions(in: parameters.shape), parameters[tensor])
                }
            }
        }

        func write(to folder: TemporaryFolder) throws -> String {
            let path = folder.file("draft.safetensors")
            try SafetensorsFile.write(
                tensors: tensors.map { SafetensorsTensor($0, shape: $1.shape, $1.values) }, metadata: metadata, to: path)
            return path
        }
    }

    /// A model that is loaded by several threads is the one that one loads, and so is the fault of a file that has several.
    @Test func threadsLoadWhatOneLoads() throws {
        var draft = try Draft()
        let path = try draft.write(to: folder)
        let points = try [1, 2, 5].map { threads in
            let glow = try Glow(path: path, threads: threads)
            let recorded = try RecordedGlow(glow, ImageShape(channels: 1, height: 8, width: 12))
            return (recorded.forward(signedNumbers(96, seed: 3)), recorded.inverse(signedNumbers(96, seed: 4)))
        }
        for point in points {
            #expect(point.0.latents == points[0].0.latents && point.0.logDeterminants == points[0].0.logDeterminants)
            #expect(point.1 == points[0].1)
        }
        for name in ["levels.1.steps.0.net.1.weight", "levels.0.steps.1.net.0.bias"] { draft.tensors[name]?.values[1] = .nan }
        let spoilt = try draft.write(to: folder)
        for threads in [1, 2, 5] {
            expectFault("levels.0.steps.1.net.0.bias", "finite") { _ = try Glow(path: spoilt, threads: threads) }
        }
    }

    func load(_ path: String) throws -> GlowParameters { try GlowParameters(reading: ModelFile(path: path)) }

    @Test(arguments: goldenNames) func shippedModelsLoad(name: String) throws {
        let model = try ModelFile(path: golden("\(name).model"))
        let large = name.contains("L3")
        #expect(model.architecture.steps == (large ? [4, 4, 4] : [3, 3]))
        #expect(model.architecture.hidden == (large ? 32 : 20))
        #expect(model.architecture.coupling == (name.hasPrefix("affine") ? .affine : .additive))
        #expect(model.architecture.imageChannels == 3)
        #expect(model.architecture.pixelShift == -0.5)
        #expect(model.card.name?.hasPrefix("random-") == true)
        let parameters = try GlowParameters(reading: model)
        let count = parameters.levels.joined().reduce(0) { sum, step in
            sum + FlowStepTensor.allCases.reduce(0) { $0 + step[$1].count }
        }
        #expect(count == model.architecture.parameterCount)
    }

    @Test func writtenModelIsReadBack() throws {
        var parameters = try GlowParameters.random(
            architecture: GlowArchitecture(steps: [2, 1, 3], hidden: 7, coupling: .affine, pixelShift: -0.25), seed: 5)
        parameters.card = ModelCard([
            "name": "n", "license": "l", "training_data": "t", "bits_per_dimension": "b", "extra": "e", "hidden": "9",
        ])
        let path = folder.file("written.safetensors")
        try ModelFile.write(parameters, to: path)
        let model = try ModelFile(path: path)
        #expect(model.architecture == parameters.architecture)
        #expect(model.card.entries == ["name": "n", "license": "l", "training_data": "t", "bits_per_dimension": "b", "extra": "e"])
        #expect(model.card.trainingData == "t" && model.card.bitsPerDimension == "b" && model.card.license == "l")
        let read = try GlowParameters(reading: model)
        for (written, read) in zip(parameters.levels.joined(), read.levels.joined()) {
            for tensor in FlowStepTensor.allCases { #expect(written[tensor] == read[tensor]) }
        }
    }

    @Test func draftIsRight() throws {
        #expect(try load(Draft().write(to: folder)).architecture.steps == [2, 1])
    }

    @Test(
        arguments: [
            ("format", nil), ("format", "reglow-glow/3"), ("image_channels", nil), ("image_channels", "2"), ("image_channels", "three"),
            ("levels", nil), ("levels", "0"), ("levels", "9"), ("levels", "-2"), ("levels", "2.0"), ("levels", ""),
            ("levels", "99999999999999999999"),
            ("steps", nil), ("steps", ""), ("steps", "2"), ("steps", "2,1,1"), ("steps", "2,"), ("steps", "2, 1"), ("steps", "2,0"),
            ("steps", "2,1025"),
            ("hidden", nil), ("hidden", "0"), ("hidden", "65537"), ("hidden", "+5"), ("hidden", "\u{1b}[2J"),
            ("coupling", nil), ("coupling", "Affine"), ("coupling", ""),
            ("pixel_shift", nil), ("pixel_shift", "half"), ("pixel_shift", "nan"), ("pixel_shift", "inf"), ("pixel_shift", "-2"),
        ] as [(String, String?)])
    func wrongMetadataNamesTheKey(key: String, value: String?) throws {
        var draft = try Draft()
        draft.metadata[key] = value
        let path = try draft.write(to: folder)
        expectFault(path, "metadata \"\(key)\"") { _ = try ModelFile(path: path) }
    }

    /// Right by itself, but not the architecture of these tensors.
    @Test(arguments: [
        ("image_channels", "3", "invconv.weight"), ("levels", "1", "levels.1.steps.0"), ("steps", "3,1", "levels.0.steps.2"),
        ("steps", "1,1", "levels.0.steps.1"), ("hidden", "6", "net.0.weight"), ("coupling", "additive", "net.2.weight"),
    ])
    func otherArchitectureNamesTheTensor(key: String, value: String, name: String) throws {
        var draft = try Draft()
        draft.metadata[key] = value
        if key == "levels" { draft.metadata["steps"] = "2" }
        let path = try draft.write(to: folder)
        expectFault("tensor", name) { _ = try ModelFile(path: path) }
    }

    @Test(arguments: FlowStepTensor.allCases)
    func missingTensorWrongShapeWrongDtypeAndBadValuesAreNamed(tensor: FlowStepTensor) throws {
        let name = "levels.0.steps.1.\(tensor.rawValue)"
        let draft = try Draft()
        let original = try #require(draft.tensors[name])

        var missing = draft
        missing.tensors[name] = nil
        expectFault("\"\(name)\"", "missing") { _ = try ModelFile(path: missing.write(to: folder)) }

        var reshaped = draft
        reshaped.tensors[name] = (original.shape + [1], original.values)
        expectFault("\"\(name)\"", "shape") { _ = try ModelFile(path: reshaped.write(to: folder)) }

        for value in [Float.nan, .infinity, -.infinity] {
            var spoilt = draft
            spoilt.tensors[name]?.values[original.values.count - 1] = value
            let path = try spoilt.write(to: folder)
            expectFault("\"\(name)\"", "finite") { _ = try load(path) }
        }

        let path = folder.file("double.safetensors")
        var tensors = draft.tensors.filter { $0.key != name }.map { SafetensorsTensor($0, shape: $1.shape, $1.values) }
        tensors.append(SafetensorsTensor(name, shape: original.shape, original.values.map(Double.init)))
        try SafetensorsFile.write(tensors: tensors, metadata: draft.metadata, to: path)
        expectFault("\"\(name)\"", "F64") { _ = try ModelFile(path: path) }
    }

    @Test(arguments: ["levels.0.steps.2.invconv.weight", "levels.2.steps.0.net.0.bias", "levels.0.steps.00.net.0.bias", "x"])
    func extraTensorIsNamed(name: String) throws {
        var draft = try Draft()
        draft.tensors[name] = ([1], [1])
        expectFault("\"\(name)\"", "not part") { _ = try ModelFile(path: draft.write(to: folder)) }
    }

    @Test func singularMixingIsNamed() throws {
        let name = "levels.1.steps.0.invconv.weight"
        var draft = try Draft()
        let (shape, values) = try #require(draft.tensors[name])
        draft.tensors[name] = (shape, Array(values[shape[1] ..< 2 * shape[1]] + values[shape[1]...]))
        let path = try draft.write(to: folder)
        expectFault(path, "\"\(name)\"", "not invertible") { _ = try load(path) }
    }

    @Test func truncatedModelsAreRefused() throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: golden("affine-L3K4h32.model")))
        for length in stride(from: 0, to: bytes.count, by: 997) {
            let path = try folder.file("truncated", holding: bytes.prefix(length))
            expectFault(path) { _ = try load(path) }
        }
    }

    /// Any header either loads or is refused with a `ModelFileError`; nothing else, and never a trap.
    @Test func flippedHeaderBytesLoadOrAreRefused() throws {
        let original = try [UInt8](Data(contentsOf: URL(fileURLWithPath: golden("additive-L2K3h20.model"))))
        let headerEnd = 8 + original.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        var generator = TestGenerator(seed: 2)
        var refused = 0
        for _ in 0 ..< 500 {
            var bytes = original
            for _ in 0 ..< Int.random(in: 1 ... 3, using: &generator) {
                bytes[Int.random(in: 0 ..< headerEnd, using: &generator)] = UInt8.random(in: 0 ... 255, using: &generator)
            }
            let path = try folder.file("flipped", holding: bytes)
            do {
                _ = try load(path)
            } catch is ModelFileError {
                refused += 1
            }
        }
        #expect(refused > 400)
    }
}

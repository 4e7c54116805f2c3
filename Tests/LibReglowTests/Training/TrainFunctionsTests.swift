import Foundation
import TestSupport
import Testing

/// A training through the interface: the model file of the library's, byte for byte.
@Suite struct TrainFunctionsTests {
    private final class Heard {
        var steps: [Int] = []
        var records: [reglow_training_record] = []
        var notes: [String] = []
        var endingAt = Int.max

        static func at(_ context: UnsafeMutableRawPointer?) -> Heard { Unmanaged<Heard>.fromOpaque(context!).takeUnretainedValue() }
    }

    private func pictures() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.makeFolder("images")
        for index in 0 ..< 3 {
            try ImageFile.write(try picture(height: 16, width: 16, phase: Float(index)), to: folder.file("images/\(index).png"))
        }
        try folder.file("images/damaged.png", holding: [1, 2, 3])
        return folder
    }

    private func train(
        _ folder: TemporaryFolder, _ model: String, _ heard: Heard, _ change: (inout reglow_train_options) -> Void = { _ in }
    ) -> (status: reglow_status, outcome: reglow_training_outcome) {
        var options = reglow_train_options()
        expectOK(reglow_train_options_init(&options, MemoryLayout<reglow_train_options>.size))
        (options.levels, options.steps_per_level, options.hidden, options.crop, options.batch, options.steps) = (2, 2, 8, 8, 4, 6)
        (options.warm_up, options.report_every, options.samples_every, options.threads, options.seed) = (2, 2, 0, 1, 5)
        options.context = Unmanaged.passUnretained(heard).toOpaque()
        options.on_step = { step, _, context in
            Heard.at(context).steps.append(step)
            return step >= Heard.at(context).endingAt ? 1 : 0
        }
        options.on_record = { Heard.at($1).records.append($0!.pointee) }
        options.on_note = { Heard.at($1).notes.append(String(cString: $0!)) }
        var outcome = reglow_training_outcome()
        outcome.size = MemoryLayout<reglow_training_outcome>.size
        let status = folder.file("images").withCString { images in
            folder.file(model).withCString { model in
                (options.images, options.model) = (images, model)
                change(&options)
                return reglow_train(&options, &outcome)
            }
        }
        return (status, outcome)
    }

    @Test func theModelIsThatOfTheLibrary() throws {
        let (folder, heard) = (try pictures(), Heard())
        let (status, outcome) = train(folder, "c.safetensors", heard)
        expectOK(status)
        #expect(outcome.ending == REGLOW_TRAINING_STEPS && outcome.step == 6 && outcome.bits_per_dimension.isFinite)
        #expect(outcome.lowest_validation_bits.isNaN && heard.steps == [1, 2, 3, 4, 5, 6])
        #expect(heard.records.map(\.step) == [2, 4, 6] && heard.notes.count == 1 && heard.notes[0].contains("damaged.png"))

        var twin = Training.Configuration(
            images: folder.file("images"), model: folder.file("swift.safetensors"),
            start: .new(try GlowArchitecture(levels: 2, steps: 2, hidden: 8)))
        (twin.crops.size, twin.crops.batch, twin.optimizer.steps, twin.optimizer.warmUpSteps) = (8, 4, 6, 2)
        (twin.reports.recordEvery, twin.reports.samplesEvery, twin.threads, twin.seed) = (2, 0, 1, 5)
        _ = try Training(twin).run()
        let (a, b) = (try Glow(path: folder.file("c.safetensors")), try Glow(path: folder.file("swift.safetensors")))
        let size = Problem.ImageSize(height: 8, width: 8)
        #expect(try a.sample(count: 1, size: size, threads: 1)[0] == b.sample(count: 1, size: size, threads: 1)[0])
    }

    @Test func itEndsAndGoesOn() throws {
        let (folder, heard) = (try pictures(), Heard())
        heard.endingAt = 3
        let (status, outcome) = train(folder, "a.safetensors", heard)
        expectOK(status)
        #expect(outcome.ending == REGLOW_TRAINING_INTERRUPTED && outcome.step == 3)
        expectRefused(train(folder, "a.safetensors", heard).status, REGLOW_FILE_ERROR, "a.checkpoint")
        heard.endingAt = .max
        let (second, end) = train(folder, "a.safetensors", heard) { $0.resume = 1 }
        expectOK(second)
        #expect(end.ending == REGLOW_TRAINING_STEPS && end.step == 6 && heard.steps == [1, 2, 3, 4, 5, 6])
    }

    @Test func optionsAreChecked() throws {
        let (folder, heard) = (try pictures(), Heard())
        func refused(
            _ words: String, _ expected: reglow_status = REGLOW_BAD_ARGUMENT, sourceLocation: SourceLocation = #_sourceLocation,
            _ change: (inout reglow_train_options) -> Void
        ) {
            expectRefused(train(folder, "x.safetensors", heard, change).status, expected, words, sourceLocation: sourceLocation)
        }
        refused("images is NULL") { $0.images = nil }
        refused("model is NULL") { $0.model = nil }
        refused("must end in .safetensors") { $0.model = $0.images }
        for levels in [-1, 9, .max] { refused("levels") { $0.levels = levels } }
        refused("steps_per_level") { $0.steps_per_level = -1 }
        refused("hidden") { $0.hidden = .max }
        refused("coupling is 2") { $0.coupling = reglow_coupling(rawValue: 2) }
        for crop in [0, -8, 1 << 20] { refused("crop") { $0.crop = crop } }
        refused("batch") { $0.batch = 0 }
        for value in [0.5, .nan, 100] { refused("downscale") { $0.downscale = value } }
        refused("chroma_detail") { $0.chroma_detail = -1 }
        refused("clean_jpeg") { $0.clean_jpeg = 101 }
        refused("noise_bits") { $0.noise_bits = 9 }
        refused("validation_crops") { $0.validation_crops = 0 }
        refused("steps") { $0.steps = 0 }
        for rate in [0, -1, .nan, .infinity] { refused("learning rate") { $0.learning_rate = rate } }
        refused("warm_up") { $0.warm_up = -1 }
        refused("gradient's norm") { $0.clip = 0 }
        refused("decay of the average") { $0.ema_decay = 1 }
        refused("report_every") { $0.report_every = 0 }
        refused("validate_every") { $0.validate_every = 0 }
        refused("samples_every") { $0.samples_every = -1 }
        refused("checkpoint_every") { $0.checkpoint_every = 0 }
        refused("patience needs validation") { $0.patience = 1 }
        refused("stop_after_seconds") { $0.stop_after_seconds = -1 }
        refused("precision is 2") { $0.precision = reglow_precision(rawValue: 2) }
        refused("threads") { $0.threads = 2000 }
        refused("activation_memory") { $0.activation_memory = 0 }
        refused("size of reglow_train_options") { $0.size = 0 }
        var options = reglow_train_options()
        expectRefused(reglow_train(nil, nil), REGLOW_BAD_ARGUMENT, "options is NULL")
        expectRefused(reglow_train_options_init(nil, 5), REGLOW_BAD_ARGUMENT)
        expectOK(reglow_train_options_init(&options, MemoryLayout<reglow_train_options>.size))
        #expect(options.crop == 64 && options.batch == 32 && options.steps == 10_000 && options.flips == 1 && options.noise_bits == 5)
        #expect(try folder.names == ["images"])
    }
}

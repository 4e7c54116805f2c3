import Foundation
import Reglow
import TestSupport
import Testing

/// `reglow train` with a flow so small that a step takes milliseconds.
@Suite struct TrainCommandTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("u")
        for index in 0 ..< 6 { try folder.writePicture("u/\(index).png", height: 12 + index, width: 20, phase: Float(index)) }
    }

    private static let size = [
        "--levels", "2", "--steps-per-level", "2", "--hidden", "8", "--crop", "8", "--batch", "4", "--steps", "12",
        "--warm-up", "2", "--report-every", "4", "--checkpoint-every", "6", "--samples-every", "0",
    ]

    private func train(_ arguments: String..., input: String = "u", output: String = "m.safetensors") throws -> Command.Ending {
        try Command.run(["train", input, "--output", output] + Self.size + arguments, in: folder)
    }

    private func log(_ name: String) throws -> [[String: Any]] {
        try String(decoding: folder.bytes(name), as: UTF8.self).split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    @Test func writesModelLogCurveSamplesAndCheckpoint() throws {
        try folder.makeFolder("v")
        try folder.writePicture("v/x.png", height: 24, width: 24, phase: 9)
        let ending = try train(
            "--validation", "v", "--validate-every", "6", "--samples-every", "12", "--license", "mine", "--json", "-")
        #expect(ending.status == 0, "\(ending.messages)")
        let report = try ending.json()
        #expect(report["stop"] as? String == "steps" && report["steps"] as? Int == 12 && report["images"] as? Int == 48)
        #expect(try folder.contents() == ["m.checkpoint", "m.log.jsonl", "m.loss.svg", "m.safetensors", "m.samples", "u", "v"])
        #expect(try folder.contents("m.samples") == ["step-0000012.png"])
        #expect(try folder.bytes("m.loss.svg").starts(with: "<svg".utf8))

        let records = try log("m.log.jsonl")
        #expect(records.map { $0["step"] as? Int } == [4, 6, 8, 12])
        let validation = records.compactMap { $0["validation_bits_per_dimension"] as? Double }
        #expect(validation.count == 2 && report["validation_bits_per_dimension"] as? Double == validation.min())
        #expect(records.allSatisfy { ($0["bits_per_dimension"] as? Double).map { (0 ..< 20).contains($0) } == true })

        let card = try ModelFile(path: folder.file("m.safetensors")).card.entries
        #expect(card["name"] == "m" && card["license"] == "mine" && card["bits_per_dimension"]?.contains("5 bits") == true)
        try Command.succeed("sample", "--prior", "m.safetensors", "--size", "8x8", "--count", "1", "--output", "s.png", in: folder)
    }

    @Test func trainingLowersTheBits() throws {
        #expect(try train("--steps", "150", "--learning-rate", "0.01", "--report-every", "25").status == 0)
        let bits = try log("m.log.jsonl").compactMap { $0["bits_per_dimension"] as? Double }
        #expect((bits.last ?? 99) < (bits.first ?? 0) - 0.5, "\(bits)")
    }

    @Test func resumedEqualsUninterrupted() throws {
        let precision = ["--precision", "fp32", "--validation", "u", "--validate-every", "3"]
        let whole = try Command.run(["train", "u", "--output", "whole.safetensors"] + Self.size + precision, in: folder)
        #expect(whole.status == 0, "\(whole.messages)")
        func part(_ more: [String]) throws -> Command.Ending {
            try Command.run(["train", "u", "--output", "parts.safetensors"] + Self.size + precision + more, in: folder)
        }
        // Each call does one step, the last does the rest.
        #expect(try part(["--stop-after-hours", "1e-9", "--threads", "2"]).status == 0)
        for step in 2 ... 4 {
            let ending = try part(["--stop-after-hours", "1e-9", "--resume", "--json", "-"])
            let report = try ending.json()
            #expect(report["stop"] as? String == "time" && report["steps"] as? Int == step, "\(ending.messages)")
        }
        // What a kill leaves: records after the checkpoint, the last one not complete.
        let records = try folder.bytes("parts.log.jsonl")
        let beyond = records.split(separator: UInt8(ascii: "\n"))[0].map { $0 }
        let later = String(decoding: beyond, as: UTF8.self).replacingOccurrences(of: "\"step\":1}", with: "\"step\":9}")
        try folder.file("parts.log.jsonl", holding: records + Array((later + "\n" + later.prefix(30)).utf8))
        #expect(try part(["--resume", "--threads", "1"]).status == 0)

        let expected = try Checkpoint(path: folder.file("whole.checkpoint"))
        let resumed = try Checkpoint(path: folder.file("parts.checkpoint"))
        let isSame = resumed.parameters.values == expected.parameters.values
        #expect(isSame && resumed.step == 12)
        let models = try ["whole", "parts"].map { name in
            try GlowParameters(reading: ModelFile(path: folder.file(name + ".safetensors")))
        }
        for (level, index) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            for tensor in FlowStepTensor.allCases {
                let values = models.map { $0.step(level: level, index: index)[tensor] }
                let areEqual = values[0] == values[1]
                #expect(areEqual, "\(tensor)")
            }
        }
        let bits = try ["whole", "parts"].map { name in
            try log(name + ".log.jsonl").compactMap { $0["validation_bits_per_dimension"] as? Double }
        }
        #expect(bits[0] == bits[1] && bits[0].count == 4)
        #expect(try log("parts.log.jsonl").map { $0["step"] as? Int } == [1, 2, 3, 4, 6, 8, 9, 12])
    }

    /// A pipe that nobody reads stands where the samples of step 9 go: there the training waits to be killed, with a checkpoint of
    /// step 6 and records beyond it.
    @Test func aKilledTrainingGoesOn() throws {
        let options = Self.size + ["--report-every", "1", "--samples-every", "9"]
        try folder.makeFolder("killed.samples")
        let pipe = folder.file("killed.samples/step-0000009.png")
        try #require(mkfifo(pipe, 0o600) == 0)
        let process = Process()
        process.executableURL = Command.executable
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.arguments = ["train", "u", "--output", "killed.safetensors", "--quiet"] + options
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        while process.isRunning, ((try? log("killed.log.jsonl").count) ?? 0) < 8 { usleep(10_000) }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(try Checkpoint(path: folder.file("killed.checkpoint")).step == 6)
        unlink(pipe)

        for call in [["killed.safetensors", "--resume"], ["whole.safetensors"]] {
            let ending = try Command.run(["train", "u", "--output"] + call + options, in: folder)
            #expect(ending.status == 0, "\(ending.messages)")
        }
        let (killed, whole) = (try folder.bytes("killed.checkpoint"), try folder.bytes("whole.checkpoint"))
        #expect(killed == whole)
        #expect(try log("killed.log.jsonl").map { $0["step"] as? Int } == Array(1 ... 12))
        #expect(try folder.contents("killed.samples") == ["step-0000009.png", "step-0000012.png"])
        #expect(try !folder.contents().contains { $0.hasPrefix(".reglow") })
    }

    /// Each call names the file, in one line, and leaves everything as it was.
    @Test func aDamagedCheckpointIsOneError() throws {
        #expect(try train().status == 0)
        let good = try folder.bytes("m.checkpoint")
        let model = try folder.bytes("m.safetensors")
        var lengthened = good
        lengthened.replaceSubrange(0 ..< 8, with: [UInt8](repeating: 0xff, count: 8))
        // The last four bytes are a number.
        let notFinite = good.dropLast(4) + [0, 0, 0xc0, 0x7f]
        let cut = [0, 5, good.count / 2, good.count - 1].map { Array(good.prefix($0)) }
        for damaged in cut + [lengthened, Array(notFinite), model] {
            try folder.file("m.checkpoint", holding: damaged)
            try Command.fail(
                1, naming: ["m.checkpoint"], arguments: ["train", "u", "--output", "m.safetensors", "--resume"] + Self.size, in: folder)
        }
        #expect(try folder.bytes("m.safetensors") == model)
    }

    @Test func anInterruptWritesACheckpoint() throws {
        for (signal, name) in [(SIGINT, "int"), (SIGTERM, "term")] {
            let process = Process()
            process.executableURL = Command.executable
            process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
            process.arguments =
                ["train", "u", "--output", "\(name).safetensors", "--json", "\(name).json"] + Self.size
                + ["--steps", "100000000", "--report-every", "1"]
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            while process.isRunning, ((try? folder.bytes("\(name).log.jsonl").count) ?? 0) == 0 { usleep(10_000) }
            kill(process.processIdentifier, signal)
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
            let text = String(decoding: try folder.bytes("\(name).json"), as: UTF8.self)
            #expect(text.contains("\"interrupted\""))
            let step = try Checkpoint(path: folder.file("\(name).checkpoint")).step
            #expect(try step > 0 && log("\(name).log.jsonl").last?["step"] as? Int == step)
            _ = try Glow(path: folder.file("\(name).safetensors"))
        }
    }

    @Test func oneAndThreeThreadsGiveTheSame() throws {
        for threads in ["1", "3"] {
            let ending = try train("--threads", threads, "--downscale", "1.5", output: "t\(threads).safetensors")
            #expect(ending.status == 0, "\(ending.messages)")
        }
        let checkpoints = try ["t1", "t3"].map { try Checkpoint(path: folder.file($0 + ".checkpoint")) }
        #expect(checkpoints[0].parameters.values == checkpoints[1].parameters.values)
    }

    @Test func imagesThatCannotBeUsedAreNamed() throws {
        try folder.file("u/broken.png", holding: try folder.bytes("u/1.png").prefix(60))
        try folder.writePicture("u/tiny.png", height: 7, width: 30)
        let ending = try train()
        #expect(ending.status == 0)
        for name in ["u/broken.png", "u/tiny.png"] { #expect(ending.messages.contains(name), "\(ending.messages)") }
        try folder.makeFolder("empty")
        try Command.fail(1, naming: ["empty"], arguments: ["train", "empty", "--output", "n.safetensors"], in: folder)
        try Command.fail(1, naming: ["lost"], arguments: ["train", "lost", "--output", "n.safetensors"], in: folder)
        #expect(try !folder.contents().contains { $0.hasPrefix("n.") })
    }

    @Test func aTrainingIsNeverOverwrittenOrResumedAsAnother() throws {
        try Command.fail(
            1, naming: ["m.checkpoint"], arguments: ["train", "u", "--output", "m.safetensors", "--resume"] + Self.size, in: folder)
        #expect(try train().status == 0)
        let model = try folder.bytes("m.safetensors")
        func fails(_ words: [String], _ arguments: [String]) throws {
            try Command.fail(
                1, naming: words, arguments: ["train", "u", "--output", "m.safetensors"] + Self.size + arguments, in: folder)
        }
        try fails(["m.checkpoint", "--resume"], [])
        try fails(["m.checkpoint", "seed 1", "0"], ["--resume", "--seed", "1"])
        try fails(["m.checkpoint", "noise-levels 8", "5"], ["--resume", "--noise-levels", "8"])
        try folder.writePicture("u/new.png")
        try fails(["m.checkpoint", "images"], ["--resume"])
        #expect(try folder.bytes("m.safetensors") == model)
    }

    @Test func endsEarlyWhenValidationImagesGainNoMore() throws {
        let ending = try train(
            "--validation", "u", "--validate-every", "1", "--patience", "2", "--learning-rate", "1e-30", "--json", "-")
        let report = try ending.json()
        #expect(report["stop"] as? String == "patience" && report["steps"] as? Int == 3, "\(ending.messages)")
    }

    @Test func startsFromAModel() throws {
        try folder.writeModel()
        let ending = try Command.run(
            [
                "train", "u", "--output", "m.safetensors", "--from", "tiny.safetensors", "--crop", "8", "--batch", "2",
                "--steps", "1", "--learning-rate", "1e-30",
            ], in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        let models = try ["tiny", "m"].map { try ModelFile(path: folder.file($0 + ".safetensors")) }
        #expect(models[0].architecture == models[1].architecture)
        let weights = try models.map { try $0.step(level: 1, index: 1)[.mixingWeight] }
        #expect(zip(weights[0], weights[1]).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    /// With a learning rate that moves nothing, the deeper model finds the images as likely as the model that it began as.
    @Test func aModelGrows() throws {
        try folder.writeModel()
        func start(_ steps: String, _ more: [String] = []) -> [String] {
            [
                "train", "u", "--output", "m.safetensors", "--from", "tiny.safetensors", "--steps-per-level", steps, "--crop", "8",
                "--batch", "2", "--steps", "1", "--learning-rate", "1e-30",
            ] + more
        }
        for steps in ["1", "3", "-2", "2000"] {
            try Command.fail(64, naming: ["--steps-per-level"], arguments: start(steps), in: folder)
        }
        for options in [["--levels", "2"], ["--hidden", "8"]] {
            try Command.fail(64, naming: [options[0], "--from"], arguments: start("4", options), in: folder)
        }
        #expect(try folder.contents() == ["tiny.safetensors", "u"])
        let ending = try Command.run(start("4"), in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try ModelFile(path: folder.file("m.safetensors")).architecture.steps == [4, 4])
        let bits = try ["tiny", "m"].map { try bitsPerDimension($0) }
        #expect(abs(bits[0] - bits[1]) < 1e-4, "\(bits)")
    }

    private func bitsPerDimension(_ model: String) throws -> Double {
        let report = try Command.succeed(
            "likelihood", "u", "--prior", "\(model).safetensors", "--crop", "8", "--json", "-", in: folder
        ).json()
        return try #require((report["results"] as? [[String: Any]])?.first?["mean"] as? Double)
    }

    /// An additive model becomes an affine one that finds the images as likely, with new steps or without; there is no way back.
    @Test func aModelBecomesAffine() throws {
        try folder.writeModel()
        func become(_ coupling: String, _ former: String, _ name: String, _ more: String...) -> [String] {
            [
                "train", "u", "--output", "\(name).safetensors", "--from", "\(former).safetensors", "--coupling", coupling, "--crop", "8",
                "--batch", "2", "--steps", "1", "--learning-rate", "1e-30",
            ] + more
        }
        for call in [become("affine", "tiny", "a"), become("affine", "tiny", "d", "--steps-per-level", "4")] {
            let ending = try Command.run(call, in: folder)
            #expect(ending.status == 0, "\(ending.messages)")
        }
        #expect(try ModelFile(path: folder.file("a.safetensors")).architecture.coupling == .affine)
        let bits = try ["tiny", "a", "d"].map { try bitsPerDimension($0) }
        #expect(abs(bits[0] - bits[1]) < 1e-4 && abs(bits[0] - bits[2]) < 1e-4, "\(bits)")
        try Command.fail(64, naming: ["--coupling", "a.safetensors"], arguments: become("additive", "a", "b"), in: folder)
    }

    @Test(arguments: [
        ["--crop", "10"], ["--crop", "0"], ["--batch", "0"], ["--batch", "-3"], ["--noise-levels", "9"], ["--downscale", "0.5"],
        ["--chroma-detail", "1.1"], ["--chroma-detail", "nan"], ["--clean-jpeg", "0"], ["--clean-jpeg", "101"],
        ["--learning-rate", "0"], ["--learning-rate", "nan"], ["--clip", "0"], ["--ema-decay", "1"], ["--steps", "0"],
        ["--report-every", "0"], ["--checkpoint-every", "0"], ["--patience", "3"], ["--levels", "0"], ["--hidden", "99999999"],
        ["--stop-after-hours", "-1"], ["--from", "x.safetensors"], ["--warm-up", "-1"], ["--validation-crops", "0"],
    ])
    func impossibleOptionsAreWrongUsage(_ arguments: [String]) throws {
        try Command.fail(
            64, naming: [arguments[0]], arguments: ["train", "u", "--output", "m.safetensors", "--levels", "2"] + arguments, in: folder)
        #expect(try folder.contents() == ["u"])
    }

    @Test func theOutputIsAModelFile() throws {
        try Command.fail(64, naming: ["--output", ".safetensors"], arguments: ["train", "u", "--output", "m.png"], in: folder)
        try Command.fail(1, naming: ["no/m.safetensors"], arguments: ["train", "u", "--output", "no/m.safetensors"], in: folder)
    }
}

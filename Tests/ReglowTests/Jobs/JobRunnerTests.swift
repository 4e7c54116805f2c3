import Files
import Foundation
import Reglow
import Synchronization
import TestSupport
import Testing

/// Jobs of small images by a tiny prior.
@Suite struct JobRunnerTests {
    /// A folder with a prior and measurements of several sizes.
    struct Job {
        let folder: TemporaryFolder
        var list: JobList

        init(_ count: Int, problem: Problem = .denoise, edit: (inout RestorationSettings) -> Void = { _ in }) throws {
            let folder = try TemporaryFolder()
            self.folder = folder
            try ModelFile.write(RandomGlow.tiny(), to: folder.file("tiny.safetensors"))
            var settings = RestorationSettings(problem: problem)
            settings.prior = folder.file("tiny.safetensors")
            settings.noise = .known(0.05)
            settings.solver.maximumEvaluations = 6
            edit(&settings)
            let jobs = try (0 ..< count).map { index in
                let image = try Sample.image(height: [8, 12][index % 2], width: 8, phase: Double(index))
                try ImageFile.write(image, to: folder.file("\(index).npy"))
                return RestorationJob(input: folder.file("\(index).npy"), output: "\(index).npy")
            }
            list = JobList(jobs, settings: settings)
        }

        var out: String { folder.file("out") }

        /// Runs the job, and returns what ended.
        @discardableResult
        func run(
            _ options: JobOptions = JobOptions(threads: 1), into name: String = "out", isStopped: @escaping @Sendable () -> Bool = { false }
        ) throws -> (end: JobEnd, counts: JobCounts, outcomes: [JobOutcome], notes: [String]) {
            let heard = Mutex<([JobOutcome], [String])>(([], []))
            let (end, counts) = try JobRunner(list, folder: folder.file(name), options: options).run(isStopped: isStopped) { event in
                heard.withLock { heard in
                    switch event {
                    case .ended(let outcome, _): heard.0.append(outcome)
                    case .note(let about, let text): heard.1.append("\(about): \(text)")
                    default: break
                    }
                }
            }
            let (outcomes, notes) = heard.withLock { $0 }
            return (end, counts, outcomes, notes)
        }

        /// The bytes of all outputs.
        func outputs(_ name: String = "out") throws -> [[UInt8]] {
            try list.jobs.map { try FileBytes.read(folder.file("\(name)/\($0.output)")) }
        }

        func record(_ output: String, _ name: String = "out") throws -> [String: String] {
            let text = String(decoding: try FileBytes.read(folder.file("\(name)/\(output).json")), as: UTF8.self)
            // A value for each line is enough to look at.
            var values: [String: String] = [:]
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { continue }
                values[parts[0].filter { $0 != " " && $0 != "\"" }] = parts[1].filter { $0 != "\"" && $0 != "," }.trimmed
            }
            return values
        }
    }

    @Test func eachImageHasItsOutputAndItsRecord() throws {
        let job = try Job(5)
        let ran = try job.run()
        #expect(ran.end == .all)
        #expect(ran.counts.done == 5 && ran.counts.left == 0 && ran.outcomes.count == 5)
        let restorer = Restorer(
            prior: try Glow(path: job.folder.file("tiny.safetensors")), options: job.list.settings[0].solver, threads: 1)
        for index in 0 ..< 5 {
            let y = ImageMeasurement(try ImageFile.read(job.folder.file("\(index).npy")).image)
            let alone = try restorer.restore([y], problem: .denoise, noiseDeviation: 0.05)[0]
            #expect(try ImageFile.read(job.folder.file("out/\(index).npy")).image == alone.image)
            let record = try job.record("\(index).npy")
            #expect(record["status"] == "done")
            #expect(record["input_sha256"] == (try SHA256.hexDigest(ofFile: job.folder.file("\(index).npy")).digest))
            #expect(record["output_sha256"] == (try SHA256.hexDigest(ofFile: job.folder.file("out/\(index).npy")).digest))
            #expect(record["evaluations"] == "\(alone.evaluations)")
            #expect(record["model_sha256"] == (try SHA256.hexDigest(ofFile: job.folder.file("tiny.safetensors")).digest))
        }
    }

    /// Sixty images alone, shuffled, in batches of 1, 7 and 60, by 1 and 2 threads, in 1, 3 and 4 shards.
    @Test func bytesDependOnNothingElse() throws {
        var job = try Job(60)
        try job.run()
        let expected = try job.outputs()
        for (batch, threads) in [(1, 1), (7, 2), (60, 1), (60, 2)] {
            var other = job
            var settings = job.list.settings[0]
            settings.solver.maximumBatch = batch
            other.list = JobList(job.list.jobs, settings: settings)
            try other.run(JobOptions(threads: threads), into: "batch-\(batch)-\(threads)")
            #expect(try job.outputs("batch-\(batch)-\(threads)") == expected)
        }
        for count in [3, 4] {
            for index in 0 ..< count {
                try job.run(JobOptions(threads: 1, shard: Shard(index: index, count: count)), into: "shards-\(count)")
            }
            #expect(try job.outputs("shards-\(count)") == expected)
        }
        let all = job.list
        job.list = JobList(all.jobs.indices.map { all.jobs[$0 * 17 % 60] }, settings: all.settings[0])
        try job.run(into: "shuffled")
        for (index, one) in all.jobs.enumerated() {
            #expect(try FileBytes.read(job.folder.file("shuffled/\(one.output)")) == expected[index])
            guard index % 9 == 0 else { continue }
            job.list = JobList([one], settings: all.settings[0])
            try job.run(into: "alone-\(index)")
            #expect(try job.outputs("alone-\(index)") == [expected[index]])
        }
    }

    /// One image that takes very many evaluations is solved beside the others, which end before it.
    @Test func aSlowImageHoldsUpNoOther() throws {
        var job = try Job(0)
        var list = JobList()
        var settings = RestorationSettings(problem: .denoise)
        settings.prior = job.folder.file("tiny.safetensors")
        settings.noise = .known(0.05)
        (settings.solver.progressTolerance, settings.solver.gradientTolerance) = (0, 0)
        // It uses all evaluations that it may.
        settings.solver.minimizer = .adam()
        settings.solver.maximumBatch = 4
        let kinds = [5, 20_000].map { evaluations in
            settings.solver.maximumEvaluations = evaluations
            return list.add(settings)
        }
        for index in 0 ..< 24 {
            try ImageFile.write(try Sample.image(height: 8, width: 8, phase: Double(index)), to: job.folder.file("\(index).npy"))
            list.add(RestorationJob(input: job.folder.file("\(index).npy"), output: "\(index).npy"), settings: kinds[index == 0 ? 1 : 0])
        }
        job.list = list
        // While others are left, the slow one leaves the thread that reads some time.
        let others = Mutex(23)
        let order = Mutex<[Int]>([])
        let runner = JobRunner(list, folder: job.out, options: JobOptions(threads: 1))
        let counts = try runner.run(onEvent: { event in
            switch event {
            case .evaluated(0, _, _) where others.withLock({ $0 }) > 0: usleep(1000)
            case .ended(let outcome, _):
                order.withLock { $0.append(outcome.index) }
                if outcome.index != 0 { others.withLock { $0 -= 1 } }
            default: break
            }
        }).counts
        #expect(counts.done == 24)
        // Three places are left to the others, which would end with it if they had to wait.
        #expect(order.withLock { $0.last } == 0)
    }

    @Test func aSecondRunDoesWhatIsMissing() throws {
        let job = try Job(6)
        try job.run()
        let expected = try job.outputs()
        #expect(try job.run().outcomes.isEmpty)
        // A record without an output, an output without a record, and an output that is not what its record says.
        JobFolder.remove(job.folder.file("out/0.npy"))
        JobFolder.remove(job.folder.file("out/1.npy.json"))
        try job.folder.file("out/2.npy", holding: [1, 2, 3])
        try job.folder.file("out/3.npy.json", holding: Array("{".utf8))
        let again = try job.run()
        #expect(again.outcomes.map(\.index).sorted() == [0, 1, 2, 3])
        #expect(again.counts.doneBefore == 2)
        #expect(again.notes.contains { $0.contains("2.npy: is not what its record says") && $0.contains("kept as 2.npy.changed") })
        #expect(try FileBytes.read(job.folder.file("out/2.npy.changed")) == [1, 2, 3])
        #expect(try job.outputs() == expected)
        // An input that has changed is restored again.
        try ImageFile.write(try Sample.image(height: 8, width: 8, phase: 77), to: job.folder.file("4.npy"))
        let changed = try job.run()
        #expect(changed.outcomes.map(\.index) == [4])
        #expect(changed.notes == ["4.npy: its input has changed: restored again"])
        #expect(try job.outputs()[4] != expected[4])
    }

    @Test func anotherJobsFolderIsRefused() throws {
        let job = try Job(2)
        try job.run()
        let before = try job.outputs()
        var other = job
        var settings = job.list.settings[0]
        settings.noise = .known(0.1)
        other.list = JobList(job.list.jobs, settings: settings)
        #expect {
            try other.run()
        } throws: {
            "\($0)".contains("was restored in another way: noise 0.05, not 0.1")
        }
        var options = JobOptions(threads: 1)
        options.identity = ["jobs": "elsewhere"]
        #expect(throws: JobFolderError.self) { try job.run(options) }
        #expect(try job.outputs() == before)
    }

    /// What fails has a record that says why, and changes none of the others.
    @Test func failuresStayAlone() throws {
        var job = try Job(6)
        try job.run(into: "whole")
        let expected = try job.outputs("whole")
        try job.folder.file("1.npy", holding: Array("no picture".utf8))
        JobFolder.remove(job.folder.file("2.npy"))
        job.list.add(RestorationJob(input: job.folder.file("0.npy"), output: "truthless.npy", truth: job.folder.file("3.npy")), settings: 0)
        let ran = try job.run()
        #expect(ran.end == .all)
        #expect(ran.counts.failed == 3 && ran.counts.done == 4)
        let outputs = try [0, 3, 4, 5].map { try FileBytes.read(job.folder.file("out/\($0).npy")) }
        #expect(outputs == [0, 3, 4, 5].map { expected[$0] })
        #expect(try job.record("1.npy")["status"] == "failed")
        #expect(try job.record("2.npy")["error"]?.contains("No such file") == true)
        #expect(try job.record("truthless.npy")["error"]?.contains("has the shape") == true)
        #expect(!FolderEntries.exists(job.folder.file("out/1.npy")))

        // They are not tried again unless that is asked for.
        #expect(try job.run().counts.failedBefore == 3)
        try ImageFile.write(try Sample.image(height: 12, width: 8, phase: 1), to: job.folder.file("1.npy"))
        var options = JobOptions(threads: 1)
        options.retriesFailed = true
        let retried = try job.run(options)
        #expect(retried.counts.done == 1 && retried.counts.failed == 2)
        #expect(try FileBytes.read(job.folder.file("out/1.npy")) == expected[1])
    }

    @Test func theJobEndsAtTheFailuresThatAreTooMany() throws {
        let job = try Job(8)
        for index in [0, 2, 4] { try job.folder.file("\(index).npy", holding: [1]) }
        var options = JobOptions(threads: 1)
        options.mostFailures = 2
        let ran = try job.run(options)
        #expect(ran.end == .failures)
        #expect(ran.counts.failed >= 2)
        #expect(try job.run().end == .all)
    }

    /// A run that is stopped at any moment, again and again, ends with the bytes of one that is not.
    @Test(arguments: [false, true])
    func aRunThatIsStoppedGoesOn(selfEnsemble: Bool) throws {
        let job = try Job(3) {
            $0.solver.selfEnsemble = selfEnsemble
            $0.solver.maximumEvaluations = 12
            $0.solver.progressTolerance = 0
        }
        try job.run(into: "whole")
        let expected = try job.outputs("whole")
        var options = JobOptions(threads: 1)
        options.checkpointSeconds = 1e-9
        var (stops, resumed) = (0, 0)
        while true {
            let asked = Mutex(0)
            let limit = 5 + stops % 4
            let ran = try job.run(options) {
                asked.withLock {
                    $0 += 1
                    return $0 > limit
                }
            }
            resumed += try FolderEntries.names(in: job.folder.file("out/.reglow/checkpoints")).count
            if ran.end == .all { break }
            #expect(ran.end == .stopped)
            stops += 1
            try #require(stops < 200)
        }
        #expect(stops > 2 && resumed > 0)
        #expect(try job.outputs() == expected)
        #expect(try FolderEntries.names(in: job.folder.file("out/.reglow/checkpoints")).isEmpty)
    }

    /// A checkpoint that is damaged, or of another solve, costs its work and nothing else.
    @Test func aCheckpointThatIsNoneIsTold() throws {
        let job = try Job(1) { $0.solver.progressTolerance = 0 }
        try job.run(into: "whole")
        let name = SHA256.hexDigest(of: Array("0.npy".utf8)).prefix(32)
        try job.folder.file("out/.reglow/checkpoints/\(name).safetensors", holding: Array("no checkpoint".utf8))
        let ran = try job.run()
        #expect(ran.outcomes[0].error == nil)
        #expect(try job.outputs() == job.outputs("whole"))
        let record = String(decoding: try FileBytes.read(job.folder.file("out/0.npy.json")), as: UTF8.self)
        #expect(record.contains("begun anew"))
    }

    @Test func whatTimeCutsShortIsMarked() throws {
        let job = try Job(4) { $0.solver.progressTolerance = 0 }
        var options = JobOptions(threads: 1)
        options.secondsPerImage = 1e-9
        let ran = try job.run(options)
        #expect(ran.end == .all && ran.counts.incomplete == 4)
        #expect(ran.outcomes.allSatisfy { !$0.isComplete && $0.evaluations == 1 })
        #expect(try job.record("0.npy")["complete"] == "false")
        #expect(try job.record("0.npy")["stop"] == "time")

        let other = try Job(4)
        options = JobOptions(threads: 1)
        options.totalSeconds = 1e-9
        let late = try other.run(options)
        #expect(late.end == .time && late.counts.left == 4)
        #expect(try other.run().end == .all)
    }

    /// Images of several problems share a run, and one that takes long holds up no other.
    @Test func aMixedListIsSolvedTogether() throws {
        var job = try Job(12)
        var inpainting = job.list.settings[0]
        inpainting.problem = .inpaint(.random(0.5))
        var list = JobList()
        let kinds = [job.list.settings[0], inpainting].map { list.add($0) }
        for (index, one) in job.list.jobs.enumerated() { list.add(one, settings: kinds[index % 2]) }
        job.list = list
        #expect(try job.run().counts.done == 12)
        for (index, one) in list.jobs.enumerated() {
            var alone = job
            alone.list = JobList([one], settings: list.settings[index % 2])
            try alone.run(into: "alone-\(index)")
            #expect(try alone.outputs("alone-\(index)") == [FileBytes.read(job.folder.file("out/\(one.output)"))])
        }
    }

    @Test func eventsComeAsASequence() async throws {
        let job = try Job(4)
        var (began, ended, finished) = (0, 0, 0)
        for try await event in JobRunner(job.list, folder: job.out, options: JobOptions(threads: 1)).events() {
            switch event {
            case .began: began += 1
            case .ended: ended += 1
            case .finished(let end, let counts):
                finished += 1
                #expect(end == .all && counts.done == 4)
            default: break
            }
        }
        #expect(began == 1 && ended == 4 && finished == 1)
    }

    @Test func anOutputThatCannotBeWrittenEndsTheRunAndLosesNothing() throws {
        let job = try Job(4)
        _ = try JobFolder(job.out, identity: [:], shard: .whole, outputs: [])
        try job.folder.file("out/2.npy/in-the-way", holding: [1])
        #expect(throws: FileError.self) { try job.run() }
    }
}

extension JobOptions {
    init(threads: Int, shard: Shard = .whole) {
        self.init()
        (self.threads, self.shard) = (threads, shard)
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}

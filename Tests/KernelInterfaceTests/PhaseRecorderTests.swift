import KernelInterface
import Testing

@Suite struct PhaseRecorderTests {
    private static let first = Phase(200, "first")
    private static let second = Phase(201, "second")
    private static let group = Phase(202, "group", isGroup: true)
    private static let part = Phase(203, "part", isGroup: true)
    private static let threadCounts = [1, 2, 3, 8]

    private func run(_ recorder: PhaseRecorder?, threads: Int, phases: Int) {
        let sums = AlignedBuffer<Int>(count: 16)
        Parallelism(threads: threads, recorder: recorder).region(Self.group) { team in
            for phase in 0 ..< phases {
                let span = team.begin(Self.part, number: phase)
                team.phase(16, Self.first) { task, _ in sums.base[task] += 1 }
                team.phase(1, Self.second) { _, _ in sums.base[0] += 1 }
                team.phase(0, Self.second) { _, _ in sums.base[0] += 1 }
                span?.end()
            }
        }
    }

    /// Every worker takes part in every phase that has tasks, and all of its time is within its group's.
    @Test(arguments: threadCounts) func eachWorkerHasATotalOfEachPhase(threads: Int) {
        let recorder = PhaseRecorder(threads: threads)
        run(recorder, threads: threads, phases: 20)
        for worker in 0 ..< threads {
            let totals = recorder.totals(worker: worker)
            func total(_ phase: Phase) -> PhaseRecorder.Total? { totals.first { $0.phase.number == phase.number } }
            #expect(total(Self.first)?.calls == 20 && total(Self.second)?.calls == 20)
            #expect(total(Self.group)?.calls == 1 && total(Self.part)?.calls == 20)
            let named = [Self.first, Self.second, .waiting].compactMap { total($0)?.nanoseconds }.reduce(0, +)
            #expect(named <= total(Self.group)?.nanoseconds ?? -1)
            #expect(total(Self.part)?.nanoseconds ?? .max <= total(Self.group)?.nanoseconds ?? -1)
            #expect(total(Self.group)?.nanoseconds ?? .max <= recorder.nanoseconds)
        }
    }

    @Test(arguments: threadCounts) func theTimesOfEventsAddUpToTheTotals(threads: Int) {
        let recorder = PhaseRecorder(threads: threads)
        run(recorder, threads: threads, phases: 20)
        #expect(recorder.droppedEvents == 0)
        for worker in 0 ..< threads {
            let events = recorder.events(worker: worker)
            #expect(events.allSatisfy { $0.start >= 0 && $0.duration > 0 })
            for total in recorder.totals(worker: worker) {
                let sum = events.lazy.filter { $0.phase == total.phase.number }.reduce(0) { $0 + $1.duration }
                #expect(sum == total.nanoseconds, "\(total.phase.name)")
            }
            #expect(events.filter { $0.phase == Self.part.number }.map(\.number) == (0 ..< 20).map { Int32($0) })
        }
    }

    /// Beyond the limit the totals go on, and what is missing is counted.
    @Test(arguments: [0, 1, 2, 10]) func eventsAreLimited(limit: Int) {
        let recorder = PhaseRecorder(threads: 2, eventLimit: limit)
        run(recorder, threads: 2, phases: 20)
        #expect(recorder.eventsPerTrack == limit / 2)
        #expect((0 ..< 2).allSatisfy { recorder.events(worker: $0).count <= limit / 2 })
        #expect(recorder.droppedEvents > 0)
        #expect(recorder.totals(worker: 0).first { $0.phase.number == Self.first.number }?.calls == 20)
    }

    @Test func aRestartForgets() {
        let recorder = PhaseRecorder(threads: 2, eventLimit: 10)
        run(recorder, threads: 2, phases: 20)
        let before = recorder.nanoseconds
        recorder.restart()
        #expect(recorder.totals(worker: 0).isEmpty && recorder.events(worker: 1).isEmpty && recorder.droppedEvents == 0)
        #expect(recorder.nanoseconds < before)
    }

    @Test func workersWithoutATrackAreLeftOut() {
        let recorder = PhaseRecorder(threads: 1)
        run(recorder, threads: 4, phases: 5)
        #expect(recorder.totals(worker: 0).first { $0.phase.number == Self.first.number }?.calls == 5)
    }

    /// A loop of one task runs on the calling thread, and is recorded there.
    @Test func aLoopIsRecordedUnderItsName() {
        let recorder = PhaseRecorder(threads: 2)
        let parallelism = Parallelism(threads: 2, recorder: recorder)
        for tasks in [-1, 0, 1, 5] { parallelism.forEach(tasks, Self.first) { _, _ in } }
        #expect(recorder.totals(worker: 0).first { $0.phase.number == Self.first.number }?.calls == 2)
        #expect(recorder.totals(worker: 1).first { $0.phase.number == Self.first.number }?.calls == 1)
    }
}

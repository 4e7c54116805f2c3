import Foundation
import KernelInterface
import Synchronization
import Testing

@Suite struct ParallelismTests {
    static let threadCounts = [1, 2, 3, 8, 64]

    /// Counts that several threads add to.
    final class Counts: Sendable {
        private let counts: Mutex<[Int]>
        init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }
        func add(_ index: Int) { counts.withLock { $0[index] += 1 } }
        var values: [Int] { counts.withLock { $0 } }
    }

    @Test(arguments: threadCounts, [0, 1, 2, 7, 1000]) func everyTaskRunsOnce(threads: Int, tasks: Int) {
        let counts = Counts(tasks)
        Parallelism(threads: threads).forEach(tasks) { task, _ in counts.add(task) }
        #expect(counts.values == [Int](repeating: 1, count: tasks))
    }

    /// More than a ticket counts: they are taken in groups, the last of them a smaller one.
    @Test func everyOneOfManyTasksRunsOnce() {
        let tasks = 20_000_001
        let counts = AlignedBuffer<UInt8>(count: tasks + 2)
        Parallelism(threads: 2).forEach(tasks) { task, _ in counts.base[task] += 1 }
        #expect((0 ..< tasks).allSatisfy { counts.base[$0] == 1 })
        #expect(counts.base[tasks] == 0 && counts.base[tasks + 1] == 0)
    }

    @Test(arguments: threadCounts) func fewerThanNoTasksAreNone(threads: Int) {
        let counts = Counts(1)
        Parallelism(threads: threads).forEach(-3) { _, _ in counts.add(0) }
        Parallelism(threads: threads).region { team in team.phase(-3) { _, _ in counts.add(0) } }
        #expect(counts.values == [0])
    }

    @Test func thereIsAlwaysAThread() {
        #expect([-5, 0, 1, 4].map { Parallelism(threads: $0).threads } == [1, 1, 1, 4])
    }

    /// Two tasks that run at the same time have different workers, all of them in range.
    @Test(arguments: threadCounts) func workersAreDistinct(threads: Int) {
        let busy = Counts(threads)
        let meetings = Counts(1)
        Parallelism(threads: threads).forEach(200) { task, worker in
            guard (0 ..< threads).contains(worker) else { return meetings.add(0) }
            busy.add(worker)
            let entered = busy.values[worker]
            for _ in 0 ..< task % 7 { sched_yield() }
            // Another task on this worker would have counted in between.
            if busy.values[worker] != entered { meetings.add(0) }
        }
        #expect(meetings.values == [0])
        #expect(busy.values.reduce(0, +) == 200)
    }

    /// Each phase reads what the neighbour's task wrote in the phase before: a number that came late would be one too small.
    @Test(arguments: threadCounts) func aPhaseSeesThePhaseBefore(threads: Int) {
        let (tasks, phases) = (16, 300)
        let sides = (0 ..< 2).map { _ in AlignedBuffer<Int>(count: tasks) }
        Parallelism(threads: threads).region { team in
            for phase in 0 ..< phases {
                let (former, latter) = (sides[phase % 2], sides[1 - phase % 2])
                team.phase(tasks) { task, _ in
                    latter.base[task] = min(former.base[task], former.base[(task + 1) % tasks]) + 1
                }
            }
        }
        #expect((0 ..< tasks).allSatisfy { sides[phases % 2].base[$0] == phases })
    }

    @Test(arguments: threadCounts) func phasesMayDifferInTasks(threads: Int) {
        let tasks = [3, 0, 1, 50, 0, 0, 2, 7]
        let counts = Counts(tasks.count)
        Parallelism(threads: threads).region { team in
            for (phase, tasks) in tasks.enumerated() {
                team.phase(tasks) { _, _ in counts.add(phase) }
            }
        }
        #expect(counts.values == tasks)
    }

    @Test(arguments: [2, 3, 8]) func loopsMayBeNested(threads: Int) {
        let parallelism = Parallelism(threads: threads)
        let counts = Counts(5 * 11)
        parallelism.forEach(5) { outer, _ in
            parallelism.forEach(11) { inner, _ in counts.add(outer * 11 + inner) }
        }
        #expect(counts.values == [Int](repeating: 1, count: 55))
    }

    @Test func regionsMayRunSideBySide() {
        let counts = Counts(8)
        DispatchQueue.concurrentPerform(iterations: 8) { region in
            Parallelism(threads: 3).region { team in
                for _ in 0 ..< 20 { team.phase(5) { _, _ in counts.add(region) } }
            }
        }
        #expect(counts.values == [Int](repeating: 100, count: 8))
    }
}

import Foundation
import KernelInterface
import Testing

@Suite struct ParallelismTests {
    @Test(arguments: Counts.threads, [0, 1, 2, 7, 1000]) func everyTaskRunsOnce(threads: Int, tasks: Int) {
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

    @Test(arguments: Counts.threads) func fewerThanNoTasksAreNone(threads: Int) {
        let counts = Counts(1)
        Parallelism(threads: threads).forEach(-3) { _, _ in counts.add(0) }
        Parallelism(threads: threads).region { team in team.phase(-3) { _, _ in counts.add(0) } }
        #expect(counts.values == [0])
    }

    @Test func thereIsAlwaysAThread() {
        #expect([-5, 0, 1, 4].map { Parallelism(threads: $0).threads } == [1, 1, 1, 4])
    }

    /// Two tasks that run at the same time have different workers, all of them in range.
    @Test(arguments: Counts.threads) func workersAreDistinct(threads: Int) {
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
}

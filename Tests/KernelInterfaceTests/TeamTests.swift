import KernelInterface
import Testing

@Suite struct TeamTests {
    /// Each phase reads what the neighbour's task wrote in the phase before: a number that came late would be one too small.
    @Test(arguments: Counts.threads) func aPhaseSeesThePhaseBefore(threads: Int) {
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

    @Test(arguments: Counts.threads) func phasesMayDifferInTasks(threads: Int) {
        let tasks = [3, 0, 1, 50, 0, 0, 2, 7]
        let counts = Counts(tasks.count)
        Parallelism(threads: threads).region { team in
            for (phase, tasks) in tasks.enumerated() {
                team.phase(tasks) { _, _ in counts.add(phase) }
            }
        }
        #expect(counts.values == tasks)
    }
}

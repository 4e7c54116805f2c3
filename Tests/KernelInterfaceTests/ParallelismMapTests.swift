import KernelInterface
import Testing

@Suite struct ParallelismMapTests {
    @Test(arguments: Counts.threads, [-1, 0, 1, 7, 1000]) func resultsAreInOrder(threads: Int, tasks: Int) throws {
        #expect(try Parallelism(threads: threads).map(tasks) { "\($0)" } == (0 ..< max(0, tasks)).map { "\($0)" })
    }

    /// The first by number, whichever came first.
    @Test(arguments: Counts.threads) func theFirstErrorIsThrown(threads: Int) {
        struct Failure: Error, Equatable {
            let task: Int
        }
        let counts = Counts(20)
        #expect(throws: Failure(task: 3)) {
            try Parallelism(threads: threads).map(20) { task in
                counts.add(task)
                if task >= 3 { throw Failure(task: task) }
            }
        }
        #expect(counts.values == [Int](repeating: 1, count: 20))
    }
}

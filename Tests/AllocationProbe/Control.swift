import AllocationCounter
import Reglow
import Synchronization

/// What must be counted: without it a count of zero would say nothing.
enum Control {
    static func countOnOneThread() {
        AllocationProbe.report("nothing") {}
        AllocationProbe.report("functions of C", allocateByEveryFunction)
        // The runtime describes a type to itself where it first meets it, so the first one is not counted.
        consume([Float](repeating: 1, count: 1000))
        AllocationProbe.report("array") { consume([Float](repeating: 1, count: 1000)) }
    }

    /// A task waits for its companion, a second at most: so one of the arrays is made on a thread of libdispatch, unless there is
    /// only one processor.
    static func countOnTwoThreads() {
        let arrived = Atomic<Int>(0)
        AllocationProbe.report("arrays on two threads") {
            Parallelism(threads: 2).forEach(2) { _, _ in
                consume([Float](repeating: 1, count: 1000))
                arrived.add(1, ordering: .relaxed)
                let limit = ContinuousClock.now + .seconds(1)
                while arrived.load(ordering: .relaxed) < 2, ContinuousClock.now < limit {}
            }
        }
    }

    /// Something that the compiler cannot see through.
    @inline(never) @_optimize(none)
    private static func consume(_ value: some Any) {}
}

import InverseSolvers
import KernelInterface
import TestSupport
import Testing

/// Long vectors: blocks that threads share.
@Suite struct VectorLoopsTests {
    /// Below a block, some blocks that one thread does, and blocks that threads share, with a rest.
    private static let counts = [5, VectorLoops.block, VectorLoops.block + 1, 2 * VectorLoops.block, 3 * VectorLoops.block + 13]

    @Test(arguments: counts) func everyLoopIsThatOfAllNumbers(count: Int) {
        let (a, b) = (normalNumbers(count, seed: 1), normalNumbers(count, seed: 2))
        let expected = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        for threads in [1, 2, 3] {
            let loops = VectorLoops(Parallelism(threads: threads))
            let (x, y) = (Vector(a, loops: loops), Vector(b, loops: loops))
            // Sums of products in Double: some ten roundings of each term.
            #expect(abs(x.dot(y) - expected) <= 1e-14 * Double(count))
            #expect(x.maximumMagnitude == Double(a.map(abs).max() ?? 0))
            let sum = Vector(count: count, loops: loops)
            sum.set(x, plus: 0.5, times: y)
            #expect(sum.array == zip(a, b).map { $0 + 0.5 * $1 })
            sum.set(-2, times: x)
            #expect(sum.array == a.map { -2 * $0 })
            sum.set(y)
            #expect(sum.array == b)
        }
    }

    /// Sums have the same bits for any number of threads.
    @Test func sumsDoNotDependOnThreads() {
        let count = 5 * VectorLoops.block + 7
        let values = normalNumbers(count, seed: 3)
        let sums = [1, 2, 3, 7].map { threads in
            let vector = Vector(values, loops: VectorLoops(Parallelism(threads: threads)))
            return vector.dot(vector).bitPattern
        }
        #expect(Set(sums).count == 1)
    }
}

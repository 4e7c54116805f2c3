import Foundation
import KernelInterface
import Testing

@Suite struct RegionTests {
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

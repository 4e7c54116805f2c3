import ForwardOperators
import Testing

@Suite struct ScratchPoolTests {
    @Test func callsThatOverlapGetScratchOfTheirOwn() {
        final class Scratch: Sendable {}
        let pool = ScratchPool { Scratch() }
        var first: Scratch?
        pool.borrow { outer in
            first = outer
            pool.borrow { inner in #expect(inner !== outer) }
        }
        pool.borrow { outer in
            #expect(outer === first)
            pool.borrow { inner in #expect(inner !== outer) }
        }
    }
}

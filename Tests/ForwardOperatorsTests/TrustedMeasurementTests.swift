import ForwardOperators
import Testing

@Suite struct TrustedMeasurementTests {
    @Test func theMaskStandsAfterTheOperator() throws {
        let blur = try Blur(imageShape: shape(3, 6, 7), pointSpread: .uniform(3), border: .reflect)
        let trusted = (0 ..< 42).map { $0 % 5 != 0 }
        let masked = try blur.trusting(trusted)
        expectMatches(masked) { image in
            let blurred = (try? blur.apply(image.map(Float.init))) ?? []
            return blurred.indices.map { trusted[$0 % 42] ? Double(blurred[$0]) : 0 }
        }
        #expect(masked.measuredEntries() == trusted + trusted + trusted)
        #expect(masked.isNonnegative)
    }

    @Test func eachChannelMayHaveItsOwn() throws {
        let trusted = (0 ..< 3 * 4).map { $0 % 3 != 1 }
        let masked = try Identity(imageShape: shape(3, 2, 2)).trusting(trusted)
        #expect(masked is Mask)
        #expect(masked.measuredEntries() == trusted)
        #expect(try masked.apply([Float](repeating: 2, count: 12)) == trusted.map { $0 ? 2 : 0 })
    }

    @Test func twoMasksAreOne() throws {
        let inner = try Mask(imageShape: shape(3, 1, 4), keep: [true, true, false, false])
        let both = try inner.trusting([true, false, true, false])
        #expect((both as? Mask)?.keep == [true, false, false, false])
        let perChannel = (0 ..< 12).map { $0 != 0 }
        #expect(try inner.trusting(perChannel).measuredEntries() == (0 ..< 12).map { $0 != 0 && $0 % 4 < 2 })
        #expect(throws: OperatorError.maskKeepsNothing) { try inner.trusting([false, false, true, true]) }
    }

    @Test func nothingToDoIsTheOperatorItself() throws {
        let identity = try Identity(imageShape: shape(1, 2, 2))
        #expect(try identity.trusting(nil) is Identity)
        #expect(throws: OperatorError.wrongCount(of: "mask", expected: 4, actual: 3)) { try identity.trusting([true, true, true]) }
    }
}

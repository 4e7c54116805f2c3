import Reglow
import Testing

/// Entries of a measurement that are not to be trusted.
@Suite struct TrustedEntriesTests {
    /// What stands at such entries has no influence, to the last bit.
    @Test func whatIsNotTrustedIsNotLookedAt() throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 12)
        let truth = try Sample.image(height: 8, width: 12)
        for problem in [Problem.denoise, .deblur(try .uniform(3), border: .reflect), .superresolve(scale: 2), .inpaint(.random(0.3))] {
            var measurement = try Sample.measurement(of: truth, problem)
            let pixels = measurement.shape.pixels
            let trusted = (0 ..< pixels).map { $0 % 11 != 3 }
            measurement.trusted = trusted
            let other = measurement.values.enumerated().map { trusted[$0 % pixels] ? $1 : 7 }
            let spoilt = ImageMeasurement(try Image(shape: measurement.shape, pixels: other), seed: measurement.seed, trusted: trusted)
            let both = try restorer.restore([measurement, spoilt], problem: problem)
            let isSame = both[0].image == both[1].image
            #expect(isSame)
            #expect(both[0].restoration.dataFidelity == both[1].restoration.dataFidelity)
            #expect(both[0].missing.count >= trusted.count { !$0 })
        }
    }

    /// A mask of the measurement says the same as one of the problem.
    @Test func aTrustedPartIsAMask() throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 12)
        let truth = try Sample.image(height: 8, width: 8)
        let keep = (0 ..< 64).map { $0 % 3 != 0 }
        let size = Problem.ImageSize(height: 8, width: 8)
        let asProblem = try restorer.restore([ImageMeasurement(truth)], problem: .inpaint(.mask(keep: keep, size: size)))
        let asTrusted = try restorer.restore([ImageMeasurement(truth, trusted: keep)], problem: .denoise)
        let isSame = asProblem[0].image == asTrusted[0].image
        #expect(isSame)
        #expect(asTrusted[0].missing == MissingCount(measured: keep, shape: truth.shape))
    }

    /// Each image of a call has its own, and a channel may have its own; a grey one is that of all channels of the prior.
    @Test func everyMeasurementHasItsOwn() throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 8)
        let truth = try Sample.image(height: 8, width: 8)
        let perChannel = (0 ..< 192).map { $0 != 100 }
        let grey = try Sample.image(height: 8, width: 8, channels: 1)
        let restored = try restorer.restore(
            [
                ImageMeasurement(truth), ImageMeasurement(truth, trusted: perChannel),
                ImageMeasurement(grey, trusted: (0 ..< 64).map { $0 > 9 }),
            ], problem: .denoise)
        #expect(restored.map(\.missing.count) == [0, 1, 10])
        #expect(restored.map(\.missing.values) == [0, 1, 30])
        let isOther = restored[0].image != restored[1].image
        #expect(isOther)
    }

    @Test func aWrongLengthIsRefused() throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 2)
        let truth = try Sample.image(height: 8, width: 8)
        #expect(throws: MeasurementError.self) {
            try restorer.restore([ImageMeasurement(truth, trusted: [true])], problem: .denoise)
        }
        #expect(throws: MeasurementError.self) {
            try restorer.restore([ImageMeasurement(truth, trusted: [Bool](repeating: false, count: 64))], problem: .denoise)
        }
    }
}

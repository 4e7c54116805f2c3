import ForwardOperators
import Foundation
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct StretchedSpreadTests {
    private func spectrum(isPeriodic: Bool) throws -> BlockSpectrum {
        let shape = ImageShape(channels: 1, height: 40, width: 46)
        return try #require(try BlockSpectrum(of: uniformNumbers(shape.count, seed: 1), shape, isPeriodic: isPeriodic))
    }

    private func squared(_ p: PointSpread, _ down: Double, _ across: Double) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        for a in 0 ..< p.height {
            for b in 0 ..< p.width {
                let (phase, value) = (2 * .pi * (down * Double(a) + across * Double(b)), Double(p.values[a * p.width + b]))
                real += value * cos(phase)
                imaginary += value * sin(phase)
            }
        }
        return real * real + imaginary * imaginary
    }

    @Test func aPointSpreadAsItIsHasItsTransform() throws {
        let spectrum = try spectrum(isPeriodic: true)
        for p in try [PointSpread.uniform(5), .motion(length: 7, angleDegrees: 30), .gaussian(sigma: 1.2)] {
            let found = StretchedSpread.stretched(p, by: 1).squaredTransfer(at: spectrum)
            for (value, k) in zip(found, spectrum.frequencies) { #expect(abs(value - squared(p, k.down, k.across)) < 1e-6) }
        }
    }

    /// The mean over 5 x 5 pixels, stretched by 1.4, is that over 7 x 7; a Gaussian is nearly one of another deviation.
    @Test func aStretchedOneIsThatOfAnotherSize() throws {
        let spectrum = try spectrum(isPeriodic: true)
        for (factor, size) in [(1.4, 7), (0.6, 3)] {
            let stretched = StretchedSpread.stretched(try .uniform(5), by: factor).squaredTransfer(at: spectrum)
            let other = StretchedSpread.stretched(try .uniform(size), by: 1).squaredTransfer(at: spectrum)
            #expect(zip(stretched, other).allSatisfy { abs($0 - $1) < 1e-5 }, "\(size)")
        }
        let gaussian = StretchedSpread.gaussian(1.5).squaredTransfer(at: spectrum)
        let sampled = StretchedSpread.stretched(try .gaussian(sigma: 1.5), by: 1).squaredTransfer(at: spectrum)
        #expect(zip(gaussian, sampled).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    /// With a taper, white noise that was blurred has the power which the blurred transfer says, in the mean; the zeros of the blur are filled.
    @Test func aTaperFillsZeros() throws {
        let blur = try Blur(imageShape: ImageShape(channels: 1, height: 512, width: 512), pointSpread: .uniform(9))
        let y = try blur.apply(normalNumbers(blur.imageShape.count, seed: 3))
        let spectrum = try #require(try BlockSpectrum(of: y, blur.measurementShape, isPeriodic: false))
        let expected = StretchedSpread.stretched(try .uniform(9), by: 1).squaredTransfer(at: spectrum)
        let bands = [(0.0, 1e-4), (1e-4, 1e-3), (1e-3, 1e-2), (1e-2, 1)]
        for (least, most) in bands {
            let band = expected.indices.filter { expected[$0] >= least && expected[$0] < most }
            let (power, model) = (band.reduce(0) { $0 + spectrum.powers[$1] }, band.reduce(0) { $0 + expected[$1] })
            #expect(band.isEmpty || abs(power / model - 1) < 0.15, "\(least): \(power / model) of \(band.count)")
        }
    }

    @Test func deviationsAreThoseOfTheShapes() throws {
        #expect(abs(try PointSpread.uniform(5).deviation - 2.0.squareRoot()) < 1e-6)
        #expect(abs(try PointSpread.gaussian(sigma: 2).deviation - 2) < 0.01)
        #expect(abs(try PointSpread.uniform(1).deviation) < 1e-6)
    }
}

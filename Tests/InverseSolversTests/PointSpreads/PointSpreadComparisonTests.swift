import ForwardOperators
import Foundation
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct PointSpreadComparisonTests {
    /// A picture whose power falls with the square of the frequency, as that of photographs.
    private func picture(_ shape: ImageShape, seed: UInt64) throws -> [Float] {
        // Means over squares of many sizes have a spectrum of that kind.
        var sum = [Float](repeating: 0, count: shape.count)
        for (index, size) in [1, 2, 4, 8, 16, 32].enumerated() {
            let noise = normalNumbers(shape.count, seed: seed + UInt64(100 * index))
            let blur = try Blur(imageShape: shape, pointSpread: .uniform(size))
            for (pixel, value) in try blur.apply(noise).enumerated() {
                sum[pixel] += 0.03 * Float(size * size) * value / Float(size).squareRoot()
            }
        }
        return sum
    }

    private func comparison(
        _ true_: PointSpread, told: PointSpread, side: Int = 96, border: Border, noise: Float = 0.01, seed: UInt64 = 1
    ) throws -> PointSpreadComparison {
        let blur = try Blur(imageShape: ImageShape(channels: 3, height: side, width: side), pointSpread: true_, border: border)
        let y = try blur.apply(try picture(blur.imageShape, seed: seed))
        let noisy = zip(y, normalNumbers(y.count, seed: seed + 7)).map { $0 + noise * $1 }
        return try #require(
            try PointSpreadComparison(
                noisy, blur.measurementShape, pointSpread: told, isPeriodic: border == .periodic,
                noiseVariance: Double(noise * noise) / 3))
    }

    @Test(arguments: [Border.periodic, .unknown]) func theRightPointSpreadIsNotTold(_ border: Border) throws {
        for p in try [PointSpread.uniform(5), .gaussian(sigma: 1.6), .motion(length: 7, angleDegrees: 30), .disk(radius: 3)] {
            for seed in 1 ... 3 as ClosedRange<UInt64> {
                let found = try comparison(p, told: p, border: border, seed: seed)
                #expect(found.gain < 8, "\(found)")
            }
        }
    }

    @Test(arguments: [Border.periodic, .unknown]) func anotherIsTold(_ border: Border) throws {
        let cases: [(PointSpread, PointSpread, Bool)] = try [
            (.uniform(3), .uniform(5), true), (.uniform(7), .uniform(5), false), (.disk(radius: 2), .disk(radius: 3), true),
            (.motion(length: 5, angleDegrees: 30), .motion(length: 9, angleDegrees: 30), true),
        ]
        for (truth, told, isNarrower) in cases {
            let found = try comparison(truth, told: told, border: border)
            #expect(found.gain > 30 && (found.width < 1) == isNarrower, "\(found)")
        }
    }

    /// Scaled with its noise a picture is the same; so it is turned upside down for a blur that is.
    @Test func neitherUnitsNorPlaceCount() throws {
        let p = try PointSpread.uniform(5)
        let shape = ImageShape(channels: 1, height: 64, width: 64)
        let y = try Blur(imageShape: shape, pointSpread: .uniform(3)).apply(try picture(shape, seed: 2))
        let first = try #require(try PointSpreadComparison(y, shape, pointSpread: p, isPeriodic: true, noiseVariance: 1e-4))
        let scaled = try #require(
            try PointSpreadComparison(y.map { 10 * $0 + 3 }, shape, pointSpread: p, isPeriodic: true, noiseVariance: 1e-2))
        #expect(abs(first.gain - scaled.gain) < 0.1, "\(first) \(scaled)")
        let turned = try #require(try PointSpreadComparison(y.reversed(), shape, pointSpread: p, isPeriodic: true, noiseVariance: 1e-4))
        #expect(abs(first.gain - turned.gain) < 0.1)
    }

    @Test func whatHasNoSpectrumHasNoGain() throws {
        let p = try PointSpread.uniform(5)
        let small = ImageShape(channels: 1, height: 20, width: 64)
        #expect(
            try PointSpreadComparison([Float](repeating: 0, count: small.count), small, pointSpread: p, isPeriodic: true, noiseVariance: 1)
                == nil)
        let shape = ImageShape(channels: 1, height: 32, width: 32)
        var numbers = uniformNumbers(shape.count, seed: 1)
        let flat = try #require(
            try PointSpreadComparison(
                [Float](repeating: 0.5, count: shape.count), shape, pointSpread: p, isPeriodic: true, noiseVariance: 1e-4))
        #expect(flat.gain.isFinite && flat.gain < 8)
        numbers[5] = .nan
        #expect(try PointSpreadComparison(numbers, shape, pointSpread: p, isPeriodic: true, noiseVariance: 1) == nil)
    }
}

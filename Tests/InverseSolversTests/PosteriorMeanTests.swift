import Foundation
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct PosteriorMeanTests {
    private let shape = ImageShape(channels: 1, height: 2, width: 3)

    private func mean(of flow: ToyFlow, _ measurement: [Float], variance: Double, gain: Double) throws -> Restoration {
        try PosteriorMean(flow, imageShape: shape, parallelism: .serial).restoration(of: measurement, variance: variance, gain: gain)
    }

    /// A linear flow z = W y + b says that y is normal with covariance S = (W'W)^-1 around m = -W^-1 b; if the noise of variance s^2 is part of it, the
    /// mean of the clean image is m + (S - s^2 I) S^-1 (y - m), here from products with W of a flow at 0.
    @Test func itIsTheConditionalMeanOfANormalDensity() throws {
        let flow = ToyFlow(dimension: 6, strength: 0)
        let measurement = normalNumbers(6, seed: 3)
        let variance = 0.04
        var expected = measurement.map(Double.init)
        let precision = try gradient(of: flow, at: measurement)
        for index in expected.indices { expected[index] -= variance * precision[index] }
        let restoration = try mean(of: flow, measurement, variance: variance, gain: 1)
        for (found, expected) in zip(restoration.image, expected) { #expect(abs(Double(found) - expected) < 1e-5) }
        #expect(restoration.stop == .closedForm)
        #expect(restoration.evaluations == 1)
        #expect(restoration.trace.entries.count == 1)
    }

    /// With curvature and a log-determinant: -grad log p by central differences of the density itself, seen through a gain.
    @Test(arguments: [1, 0.5, 3]) func itFollowsTheGradientOfTheDensity(_ gain: Double) throws {
        let flow = ToyFlow(dimension: 6, strength: 0.3)
        let measurement = normalNumbers(6, seed: 4)
        let variance = 0.02
        let restoration = try mean(of: flow, measurement, variance: variance, gain: gain)
        let slope = try gradient(of: flow, at: measurement.map { Float(gain) * $0 }).map { gain * $0 }
        for index in measurement.indices {
            let expected = Double(measurement[index]) - variance * slope[index]
            // Differences of numbers of single precision over 2e-2, times variance and gain.
            #expect(abs(Double(restoration.image[index]) - expected) < 3e-4)
        }
    }

    /// Of -log p = |f|^2 / 2 - log|det J|, by central differences of values.
    private func gradient(of flow: ToyFlow, at point: [Float]) throws -> [Double] {
        let recording = try flow.makeLinearization(imageShape: shape, capacity: 1, parallelism: .serial)
        func value(_ x: [Float]) -> Double {
            var (latent, determinant) = ([Float](repeating: 0, count: x.count), [0.0])
            flow.forward(x, count: 1, recording: recording, into: &latent, logDeterminants: &determinant)
            return latent.reduce(0) { $0 + Double($1) * Double($1) } / 2 - determinant[0]
        }
        let step: Float = 1e-2
        return point.indices.map { index in
            var (above, below) = (point, point)
            above[index] += step
            below[index] -= step
            return (value(above) - value(below)) / (Double(above[index]) - Double(below[index]))
        }
    }

    /// No noise leaves the measurement; a measurement beyond what the flow takes is told, and not made worse.
    @Test func theEnds() throws {
        let measurement = normalNumbers(6, seed: 5)
        #expect(try mean(of: ToyFlow(dimension: 6, strength: 0.3), measurement, variance: 0, gain: 1).image == measurement)
        let beyond = try mean(of: ToyFlow(dimension: 6, strength: 0.3, wall: 0.001), measurement, variance: 0.01, gain: 1)
        #expect(beyond.stop == .diverged)
        #expect(beyond.image == measurement)
    }
}

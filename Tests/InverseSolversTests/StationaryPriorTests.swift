import ForwardOperators
import Foundation
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

/// What a stationary prior learns of a flow, as its preconditioner shows it.
@Suite struct StationaryPriorTests {
    private typealias Preconditioners = WienerPreconditionerTests

    /// z = 3 x has Q = 9 I. It is estimated from 2 x 25 squares of complex normal numbers for a frequency, and the mean of all is
    /// that of 1536 squares: 4 % off in the mean.
    @Test(arguments: [1, 3]) func theStationaryPriorOfAScalingIsItsSquare(channels: Int) throws {
        let shape = ImageShape(channels: channels, height: 16, width: 16)
        let (weight, n) = (0.5, shape.count)
        let preconditioner = try WienerPreconditioner(
            try Preconditioners.prior(shape), forwardOperator: try Identity(imageShape: shape), regularizationWeight: weight)
        let v = normalNumbers(n, seed: 3)
        let ratio = inner(v, Preconditioners.applied(preconditioner, to: v)) / inner(v, v)
        #expect(abs(ratio * (1 + weight * 9) - 1) < 0.15)
    }

    /// Where a channel depends on the left neighbours of another, Q has cross spectra that turn with the frequency, and are
    /// conjugate on the two sides of frequency 0: Q e, for a pixel e of channel 0, is largest in channel 1 at its right neighbour.
    @Test func crossSpectraKeepTheirPhase() throws {
        let (shape, size) = (ImageShape(channels: 2, height: 32, width: 32), 32)
        let prior = try Preconditioners.prior(shape, scale: 1, shear: 0.9)
        let identity = try WienerPreconditioner(prior, forwardOperator: try Identity(imageShape: shape), regularizationWeight: 0.5)
        var pixel = [Float](repeating: 0, count: shape.count)
        pixel[10 * size + 10] = 1
        // To first order (1 + Q/2)^-1 e is e - Q e / 2.
        let answer = Preconditioners.applied(identity, to: pixel)
        let other = answer[shape.pixels...].map { abs($0) }
        let largest = try #require(other.indices.max { other[$0] < other[$1] })
        #expect(largest == 10 * size + 11)
        let mirrored = abs(answer[shape.pixels + 10 * size + 9])
        #expect(mirrored < 0.3 * other[largest])

        // The slowest wave along a row: frequency 1, whose neighbours lie on both sides of 0.
        func wave(_ shift: Double) -> [Float] {
            (0 ..< shape.pixels).map { Float(cos(2 * Double.pi * (Double($0 % size) - shift) / Double(size))) }
        }
        let moved = Array(Preconditioners.applied(identity, to: wave(0) + [Float](repeating: 0, count: shape.pixels))[shape.pixels...])
        let phase = atan2(inner(moved, wave(Double(size) / 4)), inner(moved, wave(0))) * Double(size) / (2 * Double.pi)
        let shift = (phase + Double(size)).truncatingRemainder(dividingBy: Double(size) / 2)
        #expect(abs(shift - 1) < 0.3, "moved by \(shift) pixels")
    }
}

import ForwardOperators
import Foundation
import KernelInterface
import TestSupport
import Testing

@Suite struct FourierTransformTests {
    static let sizes = [(1, 1), (1, 8), (5, 6), (4, 7), (9, 1)]

    /// The definition in Double, summed up number by number. Six levels of at most three roundings are within 20 u of the sum of
    /// magnitudes, see `expectAdjoint(of:)`.
    @Test(arguments: sizes) func matchesThePlainSum(height: Int, width: Int) throws {
        let transform = try FourierTransform.of(height: height, width: width)
        let real = AlignedBuffer<Float>(count: transform.realCount)
        let numbers = signedNumbers(height * width, seed: 3)
        for index in numbers.indices { real.base[index] = numbers[index] }
        let spectrum = AlignedBuffer<(Float, Float)>(count: transform.spectrumCount)
        transform.forward(real, into: spectrum)
        let magnitude = numbers.reduce(0) { $0 + Double(abs($1)) }
        for row in 0 ..< height {
            for column in 0 ..< width / 2 + 1 {
                var sum = (0.0, 0.0)
                for i in 0 ..< height {
                    for j in 0 ..< width {
                        let turns = Double(row * i) / Double(height) + Double(column * j) / Double(width)
                        let number = Double(numbers[i * width + j])
                        sum.0 += number * cos(-2 * Double.pi * turns)
                        sum.1 += number * sin(-2 * Double.pi * turns)
                    }
                }
                let found = spectrum.base[row * (width / 2 + 1) + column]
                #expect(roundings(found.0, sum.0, magnitude: magnitude) <= 20)
                #expect(roundings(found.1, sum.1, magnitude: magnitude) <= 20)
            }
        }
    }

    /// Neither way has a factor, so both together multiply by the number of elements.
    @Test(arguments: sizes) func inverseUndoesForward(height: Int, width: Int) throws {
        let transform = try FourierTransform.of(height: height, width: width)
        let (real, spectrum) = (
            AlignedBuffer<Float>(count: transform.realCount), AlignedBuffer<(Float, Float)>(count: transform.spectrumCount)
        )
        let numbers = signedNumbers(height * width, seed: 4)
        for index in numbers.indices { real.base[index] = numbers[index] }
        transform.forward(real, into: spectrum)
        transform.inverse(spectrum, into: real)
        let back = numbers.indices.map { real.base[$0] / Float(height * width) }
        #expect(relativeGap(back, numbers) <= 40 * unitRoundoff)
    }

    @Test func aSizeIsPlannedOnce() throws {
        #expect(try FourierTransform.of(height: 6, width: 10) === FourierTransform.of(height: 6, width: 10))
    }
}

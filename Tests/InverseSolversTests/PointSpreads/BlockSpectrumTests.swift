import ForwardOperators
import Foundation
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct BlockSpectrumTests {
    /// |sum of t (y - m) e^(-2 pi i k x)|^2 / |t|^2 by plain loops, for a block that begins at (top, left).
    private func power(
        _ y: [Float], _ shape: ImageShape, top: Int, left: Int, _ height: Int, _ width: Int, tapered: Bool, _ k: BlockSpectrum.Frequency
    ) -> Double {
        func taper(_ index: Int, _ length: Int) -> Double { tapered ? pow(sin(.pi * Double(index + 1) / Double(length + 1)), 2) : 1 }
        var (weights, squares, level) = (0.0, 0.0, 0.0)
        var values: [(Int, Int, Double, Double)] = []
        for row in 0 ..< height {
            for column in 0 ..< width {
                let t = taper(row, height) * taper(column, width)
                let index = (top + row) * shape.width + left + column
                let value = (0 ..< shape.channels).reduce(0.0) { $0 + Double(y[$1 * shape.pixels + index]) } / Double(shape.channels)
                (weights, squares, level) = (weights + t, squares + t * t, level + t * value)
                values.append((row, column, t, value))
            }
        }
        var (real, imaginary) = (0.0, 0.0)
        for (row, column, t, value) in values {
            let phase = 2 * .pi * (k.down * Double(row) + k.across * Double(column))
            real += t * (value - level / weights) * cos(phase)
            imaginary -= t * (value - level / weights) * sin(phase)
        }
        return (real * real + imaginary * imaginary) / squares
    }

    @Test func powersAreThoseOfPlainLoops() throws {
        // Periodic: one block. A window: two by two blocks of 64, and one by one.
        for (height, width, isPeriodic, tops, lefts) in [
            (40, 33, true, [0], [0]), (80, 65, false, [0, 16], [0, 1]), (40, 50, false, [0], [0]), (130, 64, true, [0, 22, 44, 66], [0]),
        ] {
            let shape = ImageShape(channels: 3, height: height, width: width)
            let y = uniformNumbers(shape.count, seed: 4)
            let found = try #require(try BlockSpectrum(of: y, shape, isPeriodic: isPeriodic))
            let isWhole = isPeriodic && height <= 128
            #expect(found.isTapered == !isWhole)
            let (rows, columns) = isWhole ? (height, width) : (min(64, height), min(64, width))
            #expect((found.height, found.width) == (rows, columns))
            for index in stride(from: 0, to: found.frequencies.count, by: 97) {
                let blocks = tops.flatMap { top in
                    lefts.map { power(y, shape, top: top, left: $0, rows, columns, tapered: !isWhole, found.frequencies[index]) }
                }
                let expected = blocks.reduce(0, +) / Double(blocks.count)
                #expect(abs(found.powers[index] - expected) < 1e-4 * (expected + 0.01), "\(height)x\(width) \(index)")
            }
        }
    }

    /// Of each pair k and -k one, and of white noise the mean power is its variance.
    @Test(arguments: [true, false]) func eachFrequencyIsThereOnce(_ isPeriodic: Bool) throws {
        let shape = ImageShape(channels: 1, height: 64, width: 48)
        let found = try #require(try BlockSpectrum(of: normalNumbers(shape.count, seed: 8), shape, isPeriodic: isPeriodic))
        let places = found.frequencies.map { k in [Int((k.down * 64).rounded()), Int((k.across * 48).rounded())] }
        #expect(Set(places + places.map { [-$0[0], -$0[1]] }).count == 2 * places.count)
        #expect(zip(found.frequencies, places).allSatisfy { ($0.row - $1[0]) % 64 == 0 && $0.column == $1[1] })
        #expect(found.frequencies.allSatisfy { hypot($0.down, $0.across) > 2.5 / 48 })
        let mean = found.powers.reduce(0, +) / Double(found.powers.count)
        #expect(abs(mean - 1) < 0.15, "\(mean)")
    }

    @Test func aSmallPictureHasNone() throws {
        let shape = ImageShape(channels: 1, height: 31, width: 64)
        #expect(try BlockSpectrum(of: [Float](repeating: 0, count: shape.count), shape, isPeriodic: true) == nil)
    }
}

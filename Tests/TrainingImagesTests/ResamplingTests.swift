import Foundation
import Imaging
import Testing
import TrainingImages

/// Crops that are shrunk.
@Suite struct ResamplingTests {
    private func image(
        height: Int = 40, width: Int = 60, _ byte: (_ channel: Int, _ row: Int, _ column: Int) -> Int
    ) throws -> ColourBytes {
        try ColourBytes(picturedBytes(height: height, width: width, byte))
    }

    @Test func aFlatImageStaysFlat() throws {
        let flat = try image { channel, _, _ in [7, 128, 255][channel] }
        let bytes = Crop(size: 12, top: 0, left: 11.3, shrink: 3.33).bytes(of: flat)
        #expect(bytes == [7, 128, 255].flatMap { [UInt8](repeating: $0, count: 144) })
    }

    @Test func aRampStaysARamp() throws {
        let ramp = try image { _, row, column in 3 * row + 2 * column }
        let (top, left, shrink) = (7.4, 9.7, 1.9)
        let bytes = Crop(size: 8, top: top, left: left, shrink: shrink).bytes(of: ramp)
        for row in 0 ..< 8 {
            for column in 0 ..< 8 {
                let y = top + (Double(row) + 0.5) * shrink - 0.5
                let x = left + (Double(column) + 0.5) * shrink - 0.5
                // Half a level from rounding, and what the sampled cubic lacks of a ramp.
                #expect(abs(Double(bytes[8 * row + column]) - (3 * y + 2 * x)) < 1)
            }
        }
    }

    @Test func aPatternFinerThanTheCropVanishes() throws {
        let board = try image { _, row, column in (row + column) % 2 == 0 ? 20 : 220 }
        let bytes = Crop(size: 8, top: 8, left: 8, shrink: 2.5).bytes(of: board)
        #expect(bytes.allSatisfy { abs(Int($0) - 120) <= 4 })
    }

    /// The two-dimensional sum with the cubic as its defining conditions give it: the twin of the separable code.
    @Test func equalsItsDefinition() throws {
        let noise = try image { channel, row, column in (row * 7919 + column * 104729 + channel * 1299709) / 7 % 256 }
        let (top, left, shrink, size) = (0.6, 31.2, 2.2, 13)
        let bytes = Crop(size: size, top: top, left: left, shrink: shrink).bytes(of: noise)
        func cubic(_ t: Double) -> Double {
            let t = abs(t)
            return t < 1 ? 1 - 2.5 * pow(t, 2) + 1.5 * pow(t, 3) : t < 2 ? 2 - 4 * t + 2.5 * pow(t, 2) - 0.5 * pow(t, 3) : 0
        }
        for channel in 0 ..< 3 {
            for row in 0 ..< size {
                for column in 0 ..< size {
                    let (y, x) = (top + (Double(row) + 0.5) * shrink, left + (Double(column) + 0.5) * shrink)
                    var (sum, weights) = (0.0, 0.0)
                    for sourceRow in 0 ..< 40 {
                        for sourceColumn in 0 ..< 60 {
                            let weight =
                                cubic((Double(sourceRow) + 0.5 - y) / shrink) * cubic((Double(sourceColumn) + 0.5 - x) / shrink)
                            sum += weight * Double(noise.samples[(channel * 40 + sourceRow) * 60 + sourceColumn])
                            weights += weight
                        }
                    }
                    let expected = min(max(sum / weights, 0), 255)
                    #expect(abs(Double(bytes[(channel * size + row) * size + column]) - expected) < 0.51)
                }
            }
        }
    }

    @Test func aFactorOfOneIsACopy() throws {
        let source = try image { channel, row, column in 80 * channel + row + column }
        let copy = Crop(size: 5, top: 3, left: 4).bytes(of: source)
        let expected = [0, 80, 160].flatMap { base in
            (3 ..< 8).flatMap { row in (4 ..< 9).map { column in UInt8(base + row + column) } }
        }
        #expect(copy == expected)
        let flipped = Crop(size: 5, top: 3, left: 4, isFlipped: true).bytes(of: source)
        #expect(Array(flipped.prefix(5)) == copy.prefix(5).reversed())
    }
}

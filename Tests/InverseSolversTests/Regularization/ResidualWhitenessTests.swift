import ForwardOperators
import Foundation
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct ResidualWhitenessTests {
    static let shape = ImageShape(channels: 3, height: 24, width: 20)

    static func measured(_ condition: (Int) -> Bool) -> [Bool] { (0 ..< shape.count).map { condition($0 % shape.pixels) } }

    static func erased(_ values: [Float], _ measured: [Bool]) -> [Float] { zip(values, measured).map { $1 ? $0 : 0 } }

    /// 12 terms of mean 1 and variance 2: their mean has a deviation of 0.41.
    @Test(arguments: [1, 2, 3], [1e-4, 1, 1e3])
    func whiteNoiseHasOneWhateverTheMask(seed: UInt64, scale: Float) throws {
        for measured in [Self.measured { _ in true }, Self.measured { ($0 * 7919) % 101 < 45 }] {
            let whiteness = try #require(ResidualWhiteness(shape: Self.shape, measured: measured))
            let noise = normalNumbers(Self.shape.count, seed: seed).map { scale * $0 }
            #expect(abs(whiteness(Self.erased(noise, measured)) - 1) < 1)
        }
    }

    /// By its definition, with loops over pairs of pixels.
    @Test func itIsTheMeanOfSquaredCorrelations() throws {
        let measured = Self.measured { ($0 * 31) % 17 < 11 }
        let residual = Self.erased(normalNumbers(Self.shape.count, seed: 9), measured)
        let (height, width) = (Self.shape.height, Self.shape.width)
        let variance = residual.reduce(0) { $0 + Double($1) * Double($1) } / Double(measured.count(where: { $0 }))
        var terms: [Double] = []
        for channel in 0 ..< 3 {
            for (rows, columns) in (-1 ... 1).flatMap({ rows in (-1 ... 1).map { (rows, $0) } }) where rows != 0 || columns != 0 {
                var (sum, count) = (0.0, 0.0)
                for row in 0 ..< height where (0 ..< height).contains(row + rows) {
                    for column in 0 ..< width where (0 ..< width).contains(column + columns) {
                        let a = (channel * height + row) * width + column
                        let b = (channel * height + row + rows) * width + column + columns
                        if measured[a], measured[b] { (sum, count) = (sum + Double(residual[a]) * Double(residual[b]), count + 1) }
                    }
                }
                terms.append(sum * sum / count / (variance * variance))
            }
        }
        let whiteness = try #require(ResidualWhiteness(shape: Self.shape, measured: measured))
        let expected = terms.reduce(0, +) / Double(terms.count)
        #expect(abs(whiteness(residual) - expected) < 1e-6 * expected)
    }

    @Test func structureIsNotWhite() throws {
        let whiteness = try #require(ResidualWhiteness(shape: Self.shape, measured: Self.measured { _ in true }))
        let noise = normalNumbers(Self.shape.count, seed: 4)
        let smooth = (0 ..< Self.shape.count).map { Float(sin(0.4 * Double($0 % Self.shape.width))) }
        #expect(whiteness(smooth) > 50)
        #expect(whiteness(zip(noise, smooth).map { $0 + 0.5 * $1 }) > 2)
    }

    @Test func edgeCases() throws {
        let whiteness = try #require(ResidualWhiteness(shape: Self.shape, measured: Self.measured { _ in true }))
        #expect(whiteness([Float](repeating: 0, count: Self.shape.count)) == .infinity)
        #expect(whiteness([1, 2]) == .infinity)
        for shape in [ImageShape(channels: 1, height: 1, width: 50), ImageShape(channels: 3, height: 1, width: 1)] {
            #expect(ResidualWhiteness(shape: shape, measured: [Bool](repeating: true, count: shape.count)) == nil)
        }
        #expect(ResidualWhiteness(shape: Self.shape, measured: Self.measured { $0 == 5 }) == nil)
        #expect(ResidualWhiteness(shape: Self.shape, measured: [true]) == nil)
        let tiny = ImageShape(channels: 1, height: 2, width: 1)
        #expect(ResidualWhiteness(shape: tiny, measured: [true, true]) != nil)
    }
}

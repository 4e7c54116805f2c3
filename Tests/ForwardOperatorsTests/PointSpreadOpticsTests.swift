import ForwardOperators
import Foundation
import Testing

@Suite struct PointSpreadOpticsTests {
    /// An entry is the part of its pixel that the disk covers: compared with counts on a fine grid.
    @Test(arguments: [0.3, 0.5, 0.8, 1, 1.5, 2.25, 3, 7.6])
    func theDiskIsIntegratedOverThePixels(radius: Double) throws {
        let spread = try PointSpread.disk(radius: radius)
        let reach = spread.height / 2
        #expect(spread.height == spread.width && spread.height == 2 * reach + 1)
        #expect(Double(reach) + 0.5 >= radius - 1e-9 && Double(reach) - 0.5 < radius)
        let fine = 400
        var counts = [Double](repeating: 0, count: spread.values.count)
        for row in 0 ..< spread.height {
            for column in 0 ..< spread.width {
                var inside = 0
                for a in 0 ..< fine {
                    let y = Double(row - reach) - 0.5 + (Double(a) + 0.5) / Double(fine)
                    let halfWidth = max(0, radius * radius - y * y).squareRoot()
                    for b in 0 ..< fine {
                        let x = Double(column - reach) - 0.5 + (Double(b) + 0.5) / Double(fine)
                        if abs(x) < halfWidth { inside += 1 }
                    }
                }
                counts[row * spread.width + column] = Double(inside) / Double(fine * fine)
            }
        }
        let area = Double.pi * radius * radius
        #expect(abs(counts.reduce(0, +) - area) < 1e-3 * area)
        #expect(zip(spread.values, counts).allSatisfy { abs(Double($0) - $1 / area) < 2e-3 / area })
    }

    @Test func aDiskWithinOnePixelIsOnePixel() throws {
        #expect(try PointSpread.disk(radius: 0.5).values == [1])
        #expect(try PointSpread.disk(radius: 0.51).height == 3)
    }

    /// The encircled energy of an Airy pattern is 1 - J0(v)^2 - J1(v)^2 (Rayleigh): 83.8 % lie within the first dark ring.
    @Test(arguments: [10, 15.3])
    func theAiryPatternHasItsEncircledEnergy(firstZero: Double) throws {
        let spread = try PointSpread.airy(firstZero: firstZero)
        let reach = spread.height / 2
        #expect(reach == Int((4 * firstZero).rounded(.up)))
        func light(within radius: Double) -> Double {
            var sum = 0.0
            for index in 0 ..< spread.values.count {
                let (row, column) = (Double(index / spread.width - reach), Double(index % spread.width - reach))
                // A pixel on the circle counts by how far it lies within.
                sum += Double(spread.values[index]) * min(1, max(0, radius + 0.5 - (row * row + column * column).squareRoot()))
            }
            return sum
        }
        func encircled(_ radius: Double) -> Double {
            let v = 3.8317059702075125 * radius / firstZero
            return 1 - j0(v) * j0(v) - j1(v) * j1(v)
        }
        let all = light(within: 4 * firstZero) / encircled(4 * firstZero)
        for part in [0.5, 1, 2] {
            #expect(abs(light(within: part * firstZero) / all - encircled(part * firstZero)) < 0.012)
        }
    }

    /// The dark ring is where it is said to be, and the pattern is the same in all eight directions.
    @Test func theAiryPatternHasItsDarkRing() throws {
        let spread = try PointSpread.airy(firstZero: 10)
        let (width, middle) = (spread.width, spread.height / 2)
        let along = (0 ... 20).map { spread.values[middle * width + middle + $0] }
        let ring = try #require(along.indices.dropLast(7).min { along[$0] < along[$1] })
        #expect(ring == 10)
        #expect(along[10] < 1e-3 * along[0])
        for offset in 0 ... 20 {
            #expect(spread.values[(middle - offset) * width + middle] == along[offset])
            #expect(spread.values[(middle + offset) * width + middle] == along[offset])
        }
    }

    /// A small pattern still integrates over the pixel: nearly all of it is in the middle.
    @Test func aSmallAiryPatternIsNearlyOnePixel() throws {
        let spread = try PointSpread.airy(firstZero: 0.1)
        #expect(spread.height == 3)
        #expect(spread.values[4] > 0.9 && abs(spread.values.reduce(0, +) - 1) < 1e-6)
    }
}

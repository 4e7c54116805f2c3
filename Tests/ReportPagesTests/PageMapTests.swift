import Imaging
import KernelInterface
import ReportPages
import TestSupport
import Testing

@Suite struct PageMapTests {
    /// In grey the colours still rise.
    @Test func lightnessRisesWithTheNumber() throws {
        let map = try PageMap((0 ..< 256).map(Float.init), height: 1, width: 256)
        let grey = try map.image.converted(toChannels: 1).pixels
        #expect(map.largest == 253)
        for index in 1 ... 253 { #expect(grey[index] > grey[index - 1]) }
        #expect(grey[254] == grey[253] && grey[255] == grey[253])
    }

    @Test func aFewOutliersDoNotDarkenTheRest() throws {
        let map = try PageMap([Float](repeating: 0.1, count: 999) + [50], height: 10, width: 100)
        #expect(map.largest == 0.1)
    }

    @Test(arguments: [[0, 0, 0, 0], [.nan, .infinity, 1, 0], [0, 0, 0, 3]] as [[Float]])
    func anyNumbersMakeAPicture(_ values: [Float]) throws {
        let map = try PageMap(values, height: 2, width: 2)
        #expect(map.image.pixels.allSatisfy { (0 ... 1).contains($0) } && map.largest > 0)
    }

    @Test func differencesAreMeansOverChannels() throws {
        let a = try Image(shape: ImageShape(channels: 3, height: 1, width: 2), pixels: [0, 1, 0, 1, 0, 1])
        let b = try Image(shape: ImageShape(channels: 3, height: 1, width: 2), pixels: [0.3, 1, 0, 0.7, 0, 1])
        #expect(try PageMap.difference(a, b).map { ($0 * 1000).rounded() } == [100, 100])
        #expect(throws: ImageError.self) { try PageMap.difference(a, Image(channels: 1, height: 1, width: 2) { _, _, _ in 0 }) }
    }

    @Test func magnitudesAreRootMeanSquaresOverChannels() throws {
        let image = try Image(shape: ImageShape(channels: 3, height: 1, width: 2), pixels: [3, 0, -4, 1, 5, 2])
        #expect(PageMap.magnitude(image).map { ($0 * 1000).rounded() } == [4082, 1291])
    }
}

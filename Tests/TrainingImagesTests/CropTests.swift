import Foundation
import TestSupport
import Testing
import TrainingImages

@Suite struct CropTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func cropsAreSquaresInsideOfTheImage() throws {
        try folder.writeMaps([(24, 40)])
        var sampler = try folder.sampler(crop: 16, batch: 64)
        var corners: Set<[Int]> = []
        for step in 0 ..< 30 {
            for crop in maps(try sampler.batch(step: step, parallelism: oneThread), crop: 16) {
                let (top, left) = (crop.rows[0], crop.columns[0])
                #expect((0 ... 8).contains(top) && (0 ... 24).contains(left))
                #expect(crop.rows == (0 ..< 256).map { top + $0 / 16 })
                #expect(crop.columns == (0 ..< 256).map { left + $0 % 16 })
                corners.insert([top, left])
            }
        }
        // 9 x 25 corners: of 1920 draws hardly any misses all that were not drawn yet.
        #expect(corners.count == 225)
    }

    @Test func halfOfTheCropsAreMirrored() throws {
        try folder.writeMaps([(16, 16)])
        var sampler = try folder.sampler(crop: 16, batch: 400, flips: true)
        let crops = maps(try sampler.batch(step: 0, parallelism: oneThread), crop: 16)
        let mirrored = crops.filter { $0.columns == (0 ..< 256).map { 15 - $0 % 16 } }
        let plain = crops.filter { $0.columns == (0 ..< 256).map { $0 % 16 } }
        #expect(mirrored.count + plain.count == 400)
        #expect(crops.allSatisfy { $0.rows == (0 ..< 256).map { $0 / 16 } })
        // Ten standard deviations around 200.
        #expect((100 ... 300).contains(mirrored.count))
    }

    @Test func shrunkCropsStayInsideAndSpanUpToTheFactor() throws {
        try folder.writeMaps([(80, 100)])
        var sampler = try folder.sampler(crop: 16, batch: 200, shrink: 3)
        let crops = maps(try sampler.batch(step: 0, parallelism: oneThread), crop: 16)
        let spans = crops.map { Double($0.columns[15] - $0.columns[0]) / 15 }
        #expect(spans.allSatisfy { (0.8 ... 3.2).contains($0) })
        #expect((spans.min() ?? 9) < 1.3 && (spans.max() ?? 0) > 2.6)
        #expect(crops.allSatisfy { $0.rows.allSatisfy((0 ..< 80).contains) && $0.columns.allSatisfy((0 ..< 100).contains) })
        // An image that is too small for the factor is shrunk as far as it goes.
        try folder.picture("0.png", height: 16, width: 20) { [$1, $2, 0][$0] }
        var small = try folder.sampler(crop: 16, batch: 50, shrink: 3)
        for crop in maps(try small.batch(step: 0, parallelism: oneThread), crop: 16) {
            #expect(crop.rows == (0 ..< 256).map { $0 / 16 })
        }
    }
}

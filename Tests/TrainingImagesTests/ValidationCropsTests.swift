import KernelInterface
import TestSupport
import Testing
import TrainingImages

/// The crops that a model is measured on.
@Suite struct ValidationCropsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func crops(_ size: Int, limit: Int = 1000, seed: UInt64 = 1) throws -> ValidationCrops {
        try ValidationCrops(
            corpus: folder.corpus(smallestSide: size).corpus, cropSize: size, limit: limit, dequantization: Dequantization(bits: 8),
            seed: seed)
    }

    /// Row and column of the top left pixel of each crop, and the blue byte of its picture.
    private func corners(_ crops: ValidationCrops) -> [[Int]] {
        let plane = crops.imageShape.pixels
        return (0 ..< crops.count).map { index in
            bytes(under: [0, plane, 2 * plane].map { crops.images[index * 3 * plane + $0] })
        }
    }

    @Test func aSmallImageGivesItsCentre() throws {
        try folder.picture("a.png", height: 13, width: 9) { [$1, $2, 5][$0] }
        try folder.picture("b.png", height: 8, width: 15) { [$1, $2, 6][$0] }
        #expect(corners(try crops(8)) == [[2, 0, 5], [0, 3, 6]])
    }

    @Test func aLargeImageIsLaidOut() throws {
        try folder.picture("a.png", height: 18, width: 26) { [$1, $2, 5][$0] }
        let all = [[1, 1, 5], [1, 9, 5], [1, 17, 5], [9, 1, 5], [9, 9, 5], [9, 17, 5]]
        #expect(corners(try crops(8)) == all)
        #expect(corners(try crops(8, limit: 3)) == [all[0], all[2], all[4]])
    }

    @Test func theSeedFixesTheNoise() throws {
        try folder.picture("a.png", height: 16, width: 16)
        #expect(try crops(8).images == crops(8).images)
        #expect(try crops(8).images != crops(8, seed: 2).images)
        #expect(try crops(8).images.prefix(192) != crops(8).images.dropFirst(192).prefix(192))
    }

    @Test func impossibleOptionsAreErrors() throws {
        try folder.picture("a.png")
        let corpus = try folder.corpus(smallestSide: 8).corpus
        for (size, limit) in [(9, 5), (0, 5), (8, 0)] {
            #expect(throws: TrainingOptionError.self) {
                try ValidationCrops(corpus: corpus, cropSize: size, limit: limit, dequantization: Dequantization(bits: 5), seed: 0)
            }
        }
    }
}

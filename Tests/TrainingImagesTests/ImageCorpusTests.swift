import Files
import Foundation
import Imaging
import TestSupport
import Testing
import TrainingImages

/// Which files of a folder are trained with.
@Suite struct ImageCorpusTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [1, 2, 5])
    func whatCannotBeUsedIsNamedAndSkipped(_ threads: Int) throws {
        for index in 0 ..< 9 { try folder.picture("\(index).png") }
        let whole = try FileBytes.read(folder.file("0.png"))
        try folder.file("1.png", holding: Array(whole.dropLast(20)))
        try folder.file("4.png", holding: [])
        try folder.picture("6.png", height: 7, width: 30)
        try NumPyArray(shape: [8, 8], values: [Float](repeating: 128, count: 64)).write(to: folder.file("7.npy"))
        let (corpus, leftOut) = try folder.corpus(threads: threads)
        #expect((0 ..< corpus.count).map(corpus.path) == [0, 2, 3, 5, 7, 8].map { folder.file("\($0).png") })
        #expect(leftOut.map(\.path) == ["1.png", "4.png", "6.png", "7.npy"].map { folder.file($0) })
        #expect(leftOut[2].reason.contains("7x30") && leftOut[3].reason.contains("white"))
    }

    @Test func greyImagesHaveThreeEqualChannels() throws {
        try folder.picture("a.png", channels: 1) { _, row, column in 20 * row + column }
        let samples = try folder.corpus().corpus.image(0).samples
        let plane = (0 ..< 8).flatMap { row in (0 ..< 8).map { column in UInt8(20 * row + column) } }
        #expect(samples == plane + plane + plane)
    }

    @Test func anImageBeyondTheMemoryLimitIsTheSame() throws {
        for index in 0 ..< 5 { try folder.picture("\(index).png", height: 9 + index) { 50 * $0 + 3 * $1 + $2 + index } }
        let held = try folder.corpus().corpus
        let bounded = try folder.corpus(memoryLimit: 3 * 8 * (9 + 10) + 1).corpus
        #expect(held.heldCount == 5 && bounded.heldCount == 2)
        for index in 0 ..< 5 { #expect(try held.image(index) == bounded.image(index)) }

        try folder.picture("4.png", height: 20)
        let changed = #expect(throws: FileError.self) { try bounded.image(4) }
        #expect(changed?.path == folder.file("4.png"))
        try FileManager.default.removeItem(atPath: folder.file("3.png"))
        let missing = #expect(throws: FileError.self) { try bounded.image(3) }
        #expect(missing?.path == folder.file("3.png"))
    }

    @Test func theFingerprintKnowsNamesAndSizes() throws {
        try folder.picture("a.png")
        let first = try folder.corpus().corpus.fingerprint
        #expect(try folder.corpus(threads: 1).corpus.fingerprint == first)
        try folder.picture("a.png", width: 9)
        let resized = try folder.corpus().corpus.fingerprint
        try folder.picture("b.png")
        #expect(Set([first, resized, try folder.corpus().corpus.fingerprint]).count == 3)
    }

    /// JPEG files alone, by their name; what is cleaned is what is decoded again without memory for it.
    @Test func jpegFilesAreCleanedWhereTheirQualityIsTold() throws {
        let jpeg = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../ImagingTests/Fixtures/rgb.jpg")
        try folder.file("a.JPG", holding: Array(Data(contentsOf: jpeg)))
        let decoded = try ImageFile.read(folder.file("a.JPG")).image
        try ImageFile.write(decoded, to: folder.file("b.png"))
        func corpus(_ quality: Int?, memoryLimit: Int = 1 << 20) throws -> ImageCorpus {
            try ImageCorpus(
                folder: folder.path, smallestSide: 8, jpegQuality: quality, memoryLimit: memoryLimit, parallelism: oneThread
            ) { Issue.record("\($0)") }
        }
        let (plain, cleaned) = (try corpus(nil), try corpus(95))
        #expect(try plain.image(0) == plain.image(1))
        #expect(try cleaned.image(1) == plain.image(1))
        #expect(try cleaned.image(0) == ColourBytes(JPEGReapplication.applied(to: decoded, quality: 95, path: "a")))
        #expect(try cleaned.image(0) != plain.image(0))
        #expect(try corpus(95, memoryLimit: 0).image(0) == cleaned.image(0))
        for quality in [0, 101, -5] { #expect(throws: TrainingOptionError.self) { try corpus(quality) } }
    }
}

import Glibc
import KernelInterface
import TestSupport
import Testing
import TrainingImages

/// `ChromaDetail`: fine colour that follows brightness.
@Suite struct ChromaDetailTests {
    private static let size = 24
    private static let luma: [Double] = [0.299, 0.587, 0.114]

    /// Fine stripes between light and dark.
    private static func brightness(_ row: Int, _ column: Int) -> Double {
        120 + 50 * sin(2.1 * Double(column) + 0.4 * Double(row))
    }

    /// A scene of one colour: the channels have the same ratio everywhere, and a luma of 1.
    private static let colour: [Double] = {
        let colour = [1.3, 0.9, 0.6]
        let grey = zip(luma, colour).reduce(0) { $0 + $1.0 * $1.1 }
        return colour.map { $0 / grey }
    }()

    private static func planes(_ value: (_ channel: Int, _ row: Int, _ column: Int) -> Double) -> [UInt8] {
        (0 ..< 3).flatMap { channel in
            (0 ..< size).flatMap { row in (0 ..< size).map { UInt8(value(channel, row, $0).rounded()) } }
        }
    }

    /// What a file with subsampled chroma makes of the scene: its colour is that of the mean brightness.
    private static let scene = planes { colour[$0] * brightness($1, $2) }
    private static let subsampled = planes { brightness($1, $2) + 120 * (colour[$0] - 1) }

    /// Away from the border, where the low-pass sees the stripes go on.
    private func largestGap(_ a: [UInt8], _ b: [UInt8]) -> Int {
        a.indices.filter { index in
            let (row, column) = (index / Self.size % Self.size, index % Self.size)
            return (4 ..< Self.size - 4).contains(row) && (4 ..< Self.size - 4).contains(column)
        }.map { abs(Int(a[$0]) - Int(b[$0])) }.max() ?? 0
    }

    /// The low-pass keeps a hundredth of the stripes, and the offset for the dark takes a fifteenth.
    @Test func fineColourComesBack() {
        let found = ChromaDetail(strength: 1).applied(to: Self.subsampled, size: Self.size)
        let former = largestGap(Self.subsampled, Self.scene)
        #expect(former >= 18)
        #expect(largestGap(found, Self.scene) <= former / 6)
    }

    @Test(arguments: [0.4, 1, 1.5]) func brightnessStays(_ strength: Float) {
        let found = ChromaDetail(strength: strength, gains: [1.2, 0.9, 0.8]).applied(to: Self.subsampled, size: Self.size)
        #expect(found != Self.subsampled)
        let count = Self.size * Self.size
        for pixel in 0 ..< count {
            // Each channel is rounded by up to a half.
            let luma = (0 ..< 3).map { Self.luma[$0] * (Double(found[$0 * count + pixel]) - Double(Self.subsampled[$0 * count + pixel])) }
            #expect(abs(luma.reduce(0, +)) <= 0.51)
        }
    }

    @Test func greyAndFlatImagesStay() {
        let grey = Self.planes { Self.brightness($1, $2) }
        #expect(ChromaDetail(strength: 1.5).applied(to: grey, size: Self.size) == grey)
        let flat = Self.planes { channel, _, _ in Double(60 * channel + 10) }
        #expect(ChromaDetail(strength: 1.5, gains: [0.8, 1, 1.2]).applied(to: flat, size: Self.size) == flat)
    }

    /// Clipped, never wrapped: the light pixels become redder than red can be, and the dark ones less red than none.
    @Test func extremesAreClipped() {
        func isLight(_ row: Int, _ column: Int) -> Bool { (row + column).isMultiple(of: 2) }
        let extreme = Self.planes { channel, row, column in isLight(row, column) ? [255, 20, 20][channel] : [12, 0, 0][channel] }
        let found = ChromaDetail(strength: 1.5).applied(to: extreme, size: Self.size)
        for row in 0 ..< Self.size {
            for column in 0 ..< Self.size { #expect(found[row * Self.size + column] == (isLight(row, column) ? 255 : 0)) }
        }
    }

    /// Crops, order and flips are those of a training without it.
    @Test func thatPartOfTheCropsHasIt() throws {
        let folder = try TemporaryFolder()
        try folder.picture("a.png", height: Self.size, width: Self.size) { channel, row, column in
            Int(Self.subsampled[(channel * Self.size + row) * Self.size + column])
        }
        var options = BatchSampler.Options()
        (options.cropSize, options.batch) = (16, 400)
        func crops(_ part: Double) throws -> [[Int]] {
            options.chromaDetail = part
            var sampler = try BatchSampler(
                corpus: folder.corpus(smallestSide: 16).corpus, options: options, dequantization: Dequantization(bits: 8), seed: 3)
            let batch = try sampler.batch(step: 0, parallelism: Parallelism(threads: 2))
            return stride(from: 0, to: batch.count, by: 768).map { bytes(under: batch[$0 ..< $0 + 768]) }
        }
        let plain = try crops(0)
        // Ten standard deviations around 100.
        let changed = zip(plain, try crops(0.25)).filter { $0 != $1 }.count
        #expect((15 ... 185).contains(changed))
        // A few strengths are too small to be seen.
        #expect(zip(plain, try crops(1)).filter { $0 != $1 }.count > 380)
        #expect(throws: TrainingOptionError.self) { try crops(1.5) }
        #expect(throws: TrainingOptionError.self) { try crops(.nan) }
    }
}

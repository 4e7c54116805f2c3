import CFFTW
import ForwardOperators
import KernelInterface
import TestSupport
import Testing

@Suite struct BlockedFourierTransformTests {
    static let sizes = [(1, 1), (5, 6), (16, 16), (17, 30), (40, 33), (35, 512)]

    private static func spectrum(of numbers: [Float], _ transform: BlockedFourierTransform) -> AlignedBuffer<fftwf_complex> {
        let (rows, spectrum) = (
            AlignedBuffer<Float>(count: transform.rowsCount), AlignedBuffer<fftwf_complex>(count: transform.spectrumCount)
        )
        for block in 0 ..< transform.rowBlocks {
            for index in 0 ..< min(rows.count, numbers.count - block * rows.count) {
                rows.base[index] = numbers[block * rows.count + index]
            }
            transform.forwardRows(rows.base, block: block, into: spectrum.base)
        }
        for block in 0 ..< transform.columnBlocks { transform.forwardColumns(of: spectrum.base, block: block) }
        return spectrum
    }

    @Test(arguments: sizes) func isTheTransformOfThePlane(height: Int, width: Int) throws {
        let numbers = normalNumbers(height * width, seed: 5)
        let blocked = try BlockedFourierTransform.of(height: height, width: width)
        let found = Self.spectrum(of: numbers, blocked)
        let whole = try FourierTransform.of(height: height, width: width)
        let real = AlignedBuffer<Float>(count: whole.realCount)
        for index in numbers.indices { real.base[index] = numbers[index] }
        let expected = AlignedBuffer<fftwf_complex>(count: whole.spectrumCount)
        whole.forward(real, into: expected)
        let largest = (0 ..< expected.count).reduce(Float(0)) { max($0, abs(expected.base[$1].0), abs(expected.base[$1].1)) }
        for row in 0 ..< height {
            for column in 0 ..< blocked.rowFrequencies {
                let (a, b) = (found.base[row * blocked.rowStride + column], expected.base[row * blocked.rowFrequencies + column])
                #expect(abs(a.0 - b.0) <= 1e-5 * largest && abs(a.1 - b.1) <= 1e-5 * largest)
            }
        }
    }

    @Test(arguments: sizes) func comesBack(height: Int, width: Int) throws {
        let numbers = normalNumbers(height * width, seed: 6)
        let transform = try BlockedFourierTransform.of(height: height, width: width)
        let spectrum = Self.spectrum(of: numbers, transform)
        for block in 0 ..< transform.columnBlocks { transform.inverseColumns(of: spectrum.base, block: block) }
        let rows = AlignedBuffer<Float>(count: transform.rowsCount)
        var back: [Float] = []
        for block in 0 ..< transform.rowBlocks {
            transform.inverseRows(spectrum.base, block: block, into: rows.base)
            back += (0 ..< min(rows.count, numbers.count - back.count)).map { rows.base[$0] / Float(height * width) }
        }
        #expect(relativeGap(back, numbers) <= 40 * unitRoundoff)
    }

    @Test func aSizeIsPlannedOnce() throws {
        #expect(try BlockedFourierTransform.of(height: 6, width: 10) === BlockedFourierTransform.of(height: 6, width: 10))
        // Rows that begin at the same place of every page are kept apart.
        #expect(try BlockedFourierTransform.of(height: 2, width: 1020).rowStride % 256 != 0)
    }
}

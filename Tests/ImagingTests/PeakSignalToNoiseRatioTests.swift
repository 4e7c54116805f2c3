import Imaging
import TestSupport
import Testing

/// Its values for pictures are those of scikit-image: `StructuralSimilarityTests`.
@Suite struct PeakSignalToNoiseRatioTests {
    /// -10 log10 of the mean squared difference.
    @Test func aDifferenceOfATenthIsTwentyDecibels() throws {
        let black = try Image(height: 3, width: 5) { _, _, _ in 0 }
        let dark = try Image(height: 3, width: 5) { _, _, _ in 0.1 }
        let single = try Image(height: 3, width: 5) { row, column, channel in row + column + channel == 0 ? 1 : 0 }
        // 0.1 is rounded by at most 2^-28, which is 3e-7 dB.
        #expect(abs(try peakSignalToNoiseRatio(black, dark) - 20) < 1e-6)
        #expect(try peakSignalToNoiseRatio(dark, black) == peakSignalToNoiseRatio(black, dark))
        #expect(abs(try peakSignalToNoiseRatio(black, single) - 16.532125137753437) < 1e-12)
        #expect(try peakSignalToNoiseRatio(single, single) == .infinity)
    }
}

import Testing
import TrainingReports

/// When a training has stopped to get better.
@Suite struct ValidationsTests {
    private func records(_ validation: [Double?]) -> [TrainingRecord] {
        validation.enumerated().map { index, bits in
            TrainingRecord(
                step: index, images: 0, seconds: 0, bitsPerDimension: 0, validationBitsPerDimension: bits, learningRate: 0,
                gradientNorm: 0, imagesPerSecond: 0)
        }
    }

    @Test func countsMeasurementsSinceTheFirstLowest() {
        #expect(records([]).validationsSinceLowest == 0)
        #expect(records([nil, nil]).validationsSinceLowest == 0)
        #expect(records([3, 2, nil, 1]).validationsSinceLowest == 0)
        #expect(records([3, 1, nil, 2, 1, nil]).validationsSinceLowest == 2)
        #expect(records([3, 1, nil, 2, 1, nil]).lowestValidation == 1)
        #expect(records([nil]).lowestValidation == nil)
    }
}

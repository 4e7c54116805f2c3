import GlowTraining
import TrainingReports

/// The steps since the last record of the log.
struct ReportWindow {
    private var images = 0
    private var seconds = 0.0
    private var applied = 0
    private var skipped = 0
    private var bits = 0.0
    private var norms = 0.0
    private var learningRate = 0.0
    private var drift: Double?

    /// - Parameter seconds: that the step took, with the making of its batch.
    mutating func add(_ report: Trainer.Report, images: Int, seconds: Double) {
        self.images += images
        self.seconds += seconds
        learningRate = report.learningRate
        if let drift = report.drift { self.drift = max(self.drift ?? 0, drift) }
        if report.isApplied {
            applied += 1
            bits += report.bitsPerDimension
            norms += report.gradientNorm
        } else {
            skipped += 1
        }
    }

    /// The record of these steps, the last of which is `step`.
    func record(step: Int, batch: Int, seconds total: Double, noiseBits: Double, validation: Double?) -> TrainingRecord {
        TrainingRecord(
            step: step, images: step &* batch, seconds: total, bitsPerDimension: noiseBits + bits / Double(applied),
            validationBitsPerDimension: validation, learningRate: learningRate, gradientNorm: norms / Double(applied),
            imagesPerSecond: Double(images) / max(seconds, 1e-9), skippedSteps: skipped, drift: drift)
    }
}

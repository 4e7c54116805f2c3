import InverseSolvers
import TrainingReports

extension NoiseEstimate {
    /// What is to be told of an estimate: sigma, what is to be known of it, and the larger one that was taken where undoing a blur asks for it.
    ///
    /// - Parameters:
    ///   - deviation: sigma as it was taken.
    ///   - remedy: what helps where the larger sigma is not wanted.
    package func remarks(taken deviation: Double?, remedy: String) -> [String] {
        var remarks = notes.isEmpty ? ["the noise is estimated at sigma \(self.deviation.fixed(4))"] : notes
        if let deviation, deviation > self.deviation {
            remarks.append(
                "sigma \(deviation.fixed(4)) is taken, since undoing a blur makes much of small errors: where the file is free of noise, or "
                    + "ripples are left, \(remedy)")
        }
        return remarks
    }
}

import TrainingReports

/// How far a job, or this process's part of it, is.
public struct JobCounts: Sendable, Equatable {
    /// The images of this part.
    public var total = 0
    /// Images that an earlier call has restored.
    public var doneBefore = 0
    /// Images that failed in an earlier call, and were not tried again.
    public var failedBefore = 0
    /// Images that this call has restored.
    public var done = 0
    /// Images that failed in this call.
    public var failed = 0
    /// Images of `done` that are the best until time or evaluations were used up.
    public var incomplete = 0

    /// Images without a result.
    public var left: Int { total - doneBefore - failedBefore - done - failed }

    /// No images.
    public init() {}
}

extension JobCounts {
    /// How far and how fast it is, for a line of progress: `120 of 200, 3.1 images/s, 2 failed, 16 in work, 26 s left`.
    ///
    /// - Parameters:
    ///   - inFlight: images that are being solved.
    ///   - seconds: of this call, in which it has ended `done` and `failed` images; the time left goes by these.
    package func text(inFlight: Int, seconds: Double) -> String {
        let ended = done + failed
        var parts = ["\(total - left) of \(total)"]
        if ended > 0, seconds > 0 {
            let rate = Double(ended) / seconds
            let (number, unit) = rate >= 1 ? (rate, "s") : rate * 60 >= 1 ? (rate * 60, "min") : (rate * 3600, "h")
            parts.append("\(number.fixed(1)) images/\(unit)")
        }
        if failed + failedBefore > 0 { parts.append("\(failed + failedBefore) failed") }
        if inFlight > 0 { parts.append("\(inFlight) in work") }
        if ended > 0 { parts.append("\((seconds / Double(ended) * Double(left)).asDuration) left") }
        return parts.joined(separator: ", ")
    }
}

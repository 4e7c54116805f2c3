import Glibc
import Reglow
import TrainingReports

/// How far a training is, on standard error: a line for each record of the log, and on a terminal a bar under them.
final class TrainingProgress {
    private let steps: Int
    private let batch: Int
    private let isTerminal = StandardError.isTerminal
    private let began = ContinuousClock.now
    private let firstStep: Int
    private var shown: ContinuousClock.Instant

    private static let barWidth = 20

    /// - Parameters:
    ///   - firstStep: steps that were done before.
    ///   - steps: of the whole training.
    ///   - batch: images of a step.
    init(firstStep: Int, steps: Int, batch: Int) {
        self.firstStep = firstStep
        self.steps = steps
        self.batch = batch
        shown = began
    }

    func update(step: Int, bitsPerDimension: Double) {
        let now = ContinuousClock.now
        guard isTerminal, shown.duration(to: now) >= .milliseconds(100) else { return }
        shown = now
        let part = Double(step) / Double(steps)
        let filled = Int(part * Double(Self.barWidth))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barWidth - filled)
        let bits = "\(bitsPerDimension.fixed(3)) bits"
        StandardError.write("\rtrain [\(bar)] \(Int(100 * part)) %  step \(step)  \(bits)  \(pace(step))\u{1B}[K")
    }

    func report(_ record: TrainingRecord) {
        let bits = record.bitsPerDimension.map { $0.fixed(4) } ?? "-"
        let validation = record.validationBitsPerDimension.map { ", validation \($0.fixed(4))" } ?? ""
        let line = "step \(record.step) of \(steps): \(bits) bits per dimension\(validation), \(pace(record.step))"
        StandardError.write((isTerminal ? "\r" : "") + "reglow: " + line + (isTerminal ? "\u{1B}[K" : "") + "\n")
    }

    /// Takes the bar away; lines stay.
    func finish() {
        if isTerminal { StandardError.write("\r\u{1B}[K") }
    }

    /// Since this call began, reports and checkpoints included: what tells the time left.
    private func pace(_ step: Int) -> String {
        let (whole, attoseconds) = began.duration(to: .now).components
        let elapsed = max(1e-3, Double(whole) + 1e-18 * Double(attoseconds))
        let done = Double(max(1, step - firstStep))
        let rate = "\((done * Double(batch) / elapsed).fixed(1)) images/s"
        return "\(rate), \(Self.text(seconds: elapsed / done * Double(max(0, steps - step)))) left"
    }

    private static func text(seconds: Double) -> String {
        let seconds = Int(min(seconds, 1e9).rounded(.up))
        if seconds < 100 { return "\(seconds) s" }
        if seconds < 6000 { return "\((seconds + 59) / 60) min" }
        return "\((Double(seconds) / 3600).fixed(1)) h"
    }
}

import Foundation
import Glibc
import Reglow

/// How far a restoration is, on standard error: a bar on a terminal, elsewhere a plain line every ten seconds.
///
/// The time left is an upper bound: it counts evaluations up to the budget, and most images stop before.
final class ProgressLine {
    private let label: String
    private let budget: Int
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let began = ContinuousClock.now
    private var shown: ContinuousClock.Instant
    private var evaluations: [Int]
    private var objectives: [Double?]

    private static let barWidth = 20

    init(label: String, images: Int, budget: Int) {
        self.label = label
        self.budget = budget
        shown = began
        evaluations = [Int](repeating: 0, count: images)
        objectives = [Double?](repeating: nil, count: images)
    }

    func update(_ progress: RestorationProgress) { update(progress, image: progress.measurement) }

    /// - Parameter image: the number of the image that the progress is of.
    func update(_ progress: RestorationProgress, image: Int) {
        evaluations[image] = progress.entry.evaluation
        objectives[image] = progress.entry.objective
        let now = ContinuousClock.now
        guard shown.duration(to: now) >= (isTerminal ? .milliseconds(100) : .seconds(10)) else { return }
        shown = now
        fputs(isTerminal ? "\r" + bar(now) + "\u{1B}[K" : "reglow: " + plainLine(now) + "\n", stderr)
    }

    /// Takes the bar away; plain lines stay.
    func finish() {
        if isTerminal { fputs("\r\u{1B}[K", stderr) }
    }

    private var used: Int { evaluations.reduce(0, +) }
    private var fraction: Double { Double(used) / (Double(budget) * Double(evaluations.count)) }

    /// The mean over the images that have begun.
    private var objective: String {
        let begun = objectives.compactMap { $0 }
        return begun.isEmpty ? "-" : String(format: "%.5g", begun.reduce(0, +) / Double(begun.count))
    }

    private func timeLeft(_ now: ContinuousClock.Instant) -> String {
        let (whole, attoseconds) = began.duration(to: now).components
        let elapsed = Double(whole) + 1e-18 * Double(attoseconds)
        let seconds = Int(min(1e9, (elapsed * (1 - fraction) / max(fraction, 1e-9)).rounded(.up)))
        return seconds < 100 ? "\(seconds) s" : "\((seconds + 59) / 60) min"
    }

    private func bar(_ now: ContinuousClock.Instant) -> String {
        let filled = Int(fraction * Double(Self.barWidth))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barWidth - filled)
        return "\(label) [\(bar)] \(Int(100 * fraction)) %  objective \(objective)  at most \(timeLeft(now)) left"
    }

    private func plainLine(_ now: ContinuousClock.Instant) -> String {
        let images =
            evaluations.count == 1 ? "" : "\(objectives.lazy.filter { $0 != nil }.count) of \(evaluations.count) images begun, "
        return
            "\(label): \(images)\(Int(100 * fraction)) % of the evaluations, objective \(objective), at most \(timeLeft(now)) left"
    }
}

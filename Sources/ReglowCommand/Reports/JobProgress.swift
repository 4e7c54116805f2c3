import Glibc
import Reglow
import Synchronization

/// How far a job is, on standard error: one line that is drawn anew on a terminal, elsewhere a plain line every ten seconds.
///
/// The time left goes by the images that this call has ended.
final class JobProgress: Sendable {
    private struct State {
        var counts = JobCounts()
        var began = ContinuousClock.now
        var shown: ContinuousClock.Instant
        /// The evaluations of the images that are being solved.
        var evaluations: [Int: Int] = [:]
    }

    private let isTerminal = StandardError.isTerminal
    private let state: Mutex<State>

    init(_ images: Int) {
        let now = ContinuousClock.now
        state = Mutex(State(shown: StandardError.isTerminal ? now - .seconds(1) : now - .seconds(9)))
    }

    func hear(_ event: JobEvent) {
        state.withLock { state in
            switch event {
            case .began(let counts):
                state.counts = counts
                state.began = .now
                var parts = ["\(counts.total) images"]
                if counts.doneBefore > 0 { parts.append("\(counts.doneBefore) are done already") }
                if counts.failedBefore > 0 { parts.append("\(counts.failedBefore) have failed (--retry-failed tries them again)") }
                StandardError.write("reglow: \(parts.joined(separator: ", "))\n")
            case .evaluated(let index, let evaluation, _):
                state.evaluations[index] = evaluation
                show(&state)
            case .ended(let outcome, let counts):
                state.counts = counts
                state.evaluations[outcome.index] = nil
                show(&state)
            case .finished:
                if isTerminal { StandardError.write("\r\u{1B}[K") }
            case .note: break
            }
        }
    }

    private func show(_ state: inout State) {
        let now = ContinuousClock.now
        guard state.shown.duration(to: now) >= (isTerminal ? .milliseconds(200) : .seconds(10)) else { return }
        state.shown = now
        let text = state.counts.text(inFlight: state.evaluations.count, seconds: state.began.duration(to: now) / .seconds(1))
        if isTerminal {
            StandardError.write("\r" + DisplayWidth.head(text, columns: 79) + "\u{1B}[K")
        } else {
            StandardError.write("reglow: batch: \(text)\n")
        }
    }
}

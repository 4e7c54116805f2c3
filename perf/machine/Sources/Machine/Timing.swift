/// Seconds of the fastest of `repetitions` runs of `work`, after one that is not timed.
///
/// The fastest, because everything else that happens on a machine can only add time.
func fastest(of repetitions: Int, _ work: () -> Void) -> Double {
    let clock = ContinuousClock()
    work()
    var best = Double.infinity
    for _ in 0 ..< max(1, repetitions) {
        let (seconds, attoseconds) = clock.measure(work).components
        best = min(best, Double(seconds) + 1e-18 * Double(attoseconds))
    }
    return best
}

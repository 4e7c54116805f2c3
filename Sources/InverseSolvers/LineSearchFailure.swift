/// How a minimizer ends when no step along the steepest descent lowers the objective.
enum LineSearchFailure {
    static func stop(probes: Int, sawFiniteProbe: Bool) -> Stop {
        sawFiniteProbe
            ? Stop(.noFurtherProgress, "none of \(probes) steps along the steepest descent lowers the objective")
            : Stop(.diverged, "none of \(probes) steps along the steepest descent has a finite objective")
    }
}

extension SolverOptions {
    /// The options of a solve at this stage of a search for lambda.
    func forRegularization(_ stage: RegularizationSearch.Stage) -> SolverOptions {
        var options = self
        switch stage {
        case .first: break
        case .coarse:
            options.maximumEvaluations = max(1, maximumEvaluations / 4)
            options.progressTolerance = max(resolvedProgressTolerance, RegularizationSearch.coarseProgress)
            options.progressWindow = min(progressWindow, RegularizationSearch.coarseWindow)
        case .exact:
            options.maximumEvaluations = max(1, maximumEvaluations * 2 / 5)
            options.progressTolerance = RegularizationSearch.warmProgress * resolvedProgressTolerance
            options.progressWindow = min(progressWindow, RegularizationSearch.warmWindow)
        }
        return options
    }
}

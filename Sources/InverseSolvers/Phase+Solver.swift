import KernelInterface

/// What a solve consists of beside the passes through the flow, in a profile.
extension Phase {
    /// A x of one image.
    public static let apply = Phase(32, "operator apply")
    /// A' r of one image.
    public static let adjoint = Phase(33, "operator adjoint")
    /// Residuals, values, gradients and norms of the objective.
    public static let vectors = Phase(34, "solver vectors")
    /// What the minimizer does with value and gradient: the direction, the line search, the next point.
    public static let minimizer = Phase(35, "minimizer and line search")
    /// The first image or latent of each problem, and its preconditioner.
    public static let beginning = Phase(37, "starting point")
    /// Checks, operators, memory.
    public static let setup = Phase(36, "setup")

    /// One evaluation of value and gradient for a batch, and its use; numbered from 1.
    public static let iteration = Phase(40, "iteration", isGroup: true)
    public static let dataFidelity = Phase(41, "data fidelity", isGroup: true)
    /// Starting points of the problems that enter a batch.
    public static let start = Phase(42, "start", isGroup: true)
}

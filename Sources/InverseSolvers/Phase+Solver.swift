import KernelInterface

/// What a solve consists of beside the passes through the flow, in a profile.
extension Phase {
    /// A x of one image.
    package static let apply = Phase(32, "operator apply")
    /// A' r of one image.
    package static let adjoint = Phase(33, "operator adjoint")
    /// Residuals, values, gradients and norms of the objective.
    package static let vectors = Phase(34, "solver vectors")
    /// What the minimizer does with value and gradient: the direction, the line search, the next point.
    package static let minimizer = Phase(35, "minimizer and line search")
    /// The first image or latent of each problem, and its preconditioner.
    package static let initialPoint = Phase(37, "initial point")
    /// Checks, operators, memory.
    package static let setup = Phase(36, "setup")

    /// One evaluation of value and gradient for a batch, and its use; numbered from 1.
    package static let iteration = Phase(40, "iteration", isGroup: true)
    package static let dataFidelity = Phase(41, "data fidelity", isGroup: true)
    /// Starting points of the problems that enter a batch.
    package static let start = Phase(42, "start", isGroup: true)
    /// What the restored image becomes on the way to its latent and back.
    package static let wayBack = Phase(43, "way back", isGroup: true)
}

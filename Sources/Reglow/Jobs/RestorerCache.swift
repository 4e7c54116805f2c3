import Files
import GlowModel
import InverseSolvers
import KernelInterface
import Synchronization

/// The restorers of a job, each loaded when the first image asks for it. Several threads may ask.
package final class RestorerCache: Sendable {
    /// What decides which restorer an image has, and which images are solved together: the prior, and what all solves of a batch share. Tolerances
    /// and limits are each image's own.
    package struct Key: Hashable, Sendable {
        package let prior: String
        package let precision: Precision
        package let gradientPrecision: Precision?
        package let minimizer: MinimizerChoice
        package let formulation: Formulation?
        package let includesLogDeterminant: Bool
        package let largestBatch: Int

        package init(_ settings: RestorationSettings, prior: String) {
            self.prior = prior
            (precision, gradientPrecision) = (settings.precision, settings.gradientPrecisionHere)
            (minimizer, formulation) = (settings.solver.minimizer, settings.solver.formulation)
            (includesLogDeterminant, largestBatch) = (settings.solver.includeLogDeterminant, settings.solver.maximumBatch)
        }

        fileprivate var options: SolverOptions {
            var options = SolverOptions()
            (options.minimizer, options.formulation) = (minimizer, formulation)
            (options.includeLogDeterminant, options.maximumBatch) = (includesLogDeterminant, largestBatch)
            return options
        }
    }

    private struct Model: Hashable {
        let path: String
        let precision: Precision
    }

    private struct State {
        var restorers: [Key: Restorer] = [:]
        var models: [Model: Glow] = [:]
        var hashes: [String: String] = [:]
    }

    private let threads: Int?
    private let state = Mutex(State())

    package init(threads: Int?) { self.threads = threads }

    /// - Throws: what loading the prior throws.
    package func restorer(_ key: Key) throws -> Restorer {
        try state.withLock { state in
            if let restorer = state.restorers[key] { return restorer }
            let model = Model(path: try ShippedFiles.priorPath(key.prior), precision: key.precision)
            let glow = try state.models[model] ?? Glow(path: model.path, precision: model.precision, threads: threads)
            state.models[model] = glow
            let restorer = Restorer(prior: glow, gradientPrecision: key.gradientPrecision, options: key.options, threads: threads)
            state.restorers[key] = restorer
            return restorer
        }
    }

    /// SHA-256 of the file of a prior.
    ///
    /// - Throws: `FileError` that names it.
    package func hash(ofPrior prior: String) throws -> String {
        try state.withLock { state in
            if let hash = state.hashes[prior] { return hash }
            let hash = try SHA256.hexDigest(ofFile: try ShippedFiles.priorPath(prior)).digest
            state.hashes[prior] = hash
            return hash
        }
    }
}

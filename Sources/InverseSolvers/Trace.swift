import KernelInterface

/// The accepted iterates of one image.
public struct Trace: Sendable, Equatable {
    /// One accepted iterate.
    public struct Entry: Sendable, Equatable {
        /// Evaluations up to and with this one; 1 is the start.
        public var evaluation: Int
        /// Passes of the flow up to and with this evaluation: two for each, and those for the start.
        public var passes: Int
        /// E, the sum of both terms.
        public var objective: Double
        /// 1/2 |A x - y|^2.
        public var dataFidelity: Double
        /// lambda/2 |z|^2, with the log-determinant where it counts.
        public var prior: Double
        /// The Euclidean norm of the gradient in the unknown.
        public var gradientNorm: Double
        /// The factor of the search direction that led here, the learning rate for Adam, 0 at the start.
        public var step: Double
        /// Wall time of the solve so far. That of the first images of a call has what was prepared for all of them in it.
        public var seconds: Double
        /// What was the unknown: the image or the latent.
        public var unknown: Formulation
        /// What the product with the Jacobian, in the gradient, was computed with.
        public var gradientPrecision: Precision

        /// The same as one of several solves in a row, with what those before have used.
        package func continuing(evaluations: Int, passes: Int, seconds: Double) -> Entry {
            var entry = self
            entry.evaluation += evaluations
            entry.passes += passes
            entry.seconds += seconds
            return entry
        }
    }

    /// The iterates, in their order.
    package(set) public var entries: [Entry] = []

    /// One line for each entry below a line of names.
    public var csv: String {
        var lines = ["evaluation,passes,objective,data_fidelity,prior,gradient_norm,step,seconds,unknown,gradient_precision"]
        for entry in entries {
            let numbers = [
                entry.objective, entry.dataFidelity, entry.prior, entry.gradientNorm, entry.step, entry.seconds,
            ]
            let fields =
                [entry.evaluation, entry.passes].map(\.description) + numbers.map(\.description)
                + [entry.unknown.rawValue, entry.gradientPrecision.rawValue]
            lines.append(fields.joined(separator: ","))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

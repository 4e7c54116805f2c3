import KernelInterface

/// The objective at one point.
package struct Evaluation {
    /// 1/2 |A x - y|^2
    package var dataFidelity = 0.0
    /// lambda/2 |z|^2, and -lambda log|det J_f| where that is included.
    package var prior = 0.0
    /// The Euclidean norm of the gradient in the unknown.
    package var gradientNorm = 0.0
    package var imageIsFinite = true
    /// What the product with the Jacobian, in the gradient, was computed with.
    package var gradientPrecision = Precision.fp32

    package init() {}

    package var objective: Double { dataFidelity + prior }

    /// Whether value, gradient and image are all finite; a point where they are not is never an iterate.
    package var isFinite: Bool { objective.isFinite && gradientNorm.isFinite && imageIsFinite }

    /// What is not finite, for a diagnosis.
    package var fault: String {
        if !imageIsFinite { return "the image is not finite" }
        if !objective.isFinite { return "the objective is \(objective)" }
        return "the gradient's norm is \(gradientNorm)"
    }
}

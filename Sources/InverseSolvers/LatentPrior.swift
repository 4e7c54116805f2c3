/// lambda/2 |z|^2, minus the logarithm of the prior density of the latent z = f(x), up to a constant and times
/// lambda.
///
/// With the log-determinant it is lambda (1/2 |f(x)|^2 - log|det J_f(x)|), the same for the density of the image x.
/// The two differ by a constant, and so have the same minimizers, where the coupling is additive.
package struct LatentPrior {
    /// lambda
    package let regularizationWeight: Double

    package init(regularizationWeight: Double) {
        self.regularizationWeight = regularizationWeight
    }

    /// The value at z = `latent` of `count` numbers; `logDeterminant` is 0 where it is left out.
    package func value(at latent: UnsafePointer<Float>, logDeterminant: Double, count: Int, loops: VectorLoops = VectorLoops()) -> Double {
        regularizationWeight * (loops.dot(latent, latent, count: count) / 2 - logDeterminant)
    }

    /// gradient = other + lambda * unweighted, where `unweighted` is the gradient of the prior for lambda = 1: z
    /// itself in the latent, J_f' z (minus the gradient of log|det J_f|) in the image. `gradient` may be either.
    package func addGradient(
        _ unweighted: UnsafePointer<Float>, to other: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>,
        count: Int, loops: VectorLoops = VectorLoops()
    ) {
        loops.add(other, regularizationWeight, times: unweighted, into: gradient, count: count)
    }
}

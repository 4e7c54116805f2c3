import Foundation

/// s = sigmoid(t) with log s and 1 - s, in double precision and without cancellation.
struct ReferenceSigmoid {
    let scale: Double
    let logScale: Double
    let oneMinusScale: Double

    init(_ t: Double) {
        scale = 1 / (1 + exp(-t))
        oneMinusScale = 1 / (1 + exp(t))
        logScale = t > 0 ? -log1p(exp(-t)) : t - log1p(exp(t))
    }
}

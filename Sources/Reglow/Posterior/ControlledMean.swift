/// The mean of draws x of a density, with the gradient of its logarithm as a control variate (R. Assaraf and M. Caffarel, "Zero-variance
/// principle for Monte Carlo algorithms", 1999; A. Mira, R. Solgi and D. Imparato, "Zero variance Markov chain Monte Carlo for Bayesian
/// estimators", 2013).
///
/// With U minus the logarithm of the density and C any matrix, C grad U(x) has the mean 0. So x - a C grad U(x) has that of x, and where the density
/// is nearly N(mean, C) it hardly varies. The factor a is that with the least variance over the draws, summed over the pixels.
package struct ControlledMean {
    private var count = 0.0
    /// The first draw, from which all are counted: differences keep their digits.
    private var origin: [Float] = []
    private var sums, controlSums: [Double]
    /// Sums over draws and pixels of x c and of c^2, for the control c.
    private var products = 0.0
    private var squares = 0.0

    /// - Parameter count: pixels.
    package init(count: Int) {
        sums = [Double](repeating: 0, count: count)
        controlSums = sums
    }

    /// - Parameters:
    ///   - values: x
    ///   - deflected: x - C grad U(x)
    package mutating func add(_ values: [Float], deflected: [Float]) {
        if origin.isEmpty { origin = values }
        count += 1
        for index in values.indices {
            let (value, control) = (Double(values[index] - origin[index]), Double(values[index] - deflected[index]))
            sums[index] += value
            controlSums[index] += control
            products += value * control
            squares += control * control
        }
    }

    /// The mean of the draws as it is.
    package var average: [Double] { zip(origin, sums).map { Double($0) + $1 / count } }

    /// a; 0 where no two draws tell it.
    package var factor: Double {
        let (product, square) = zip(sums, controlSums).reduce((products, squares)) { left, each in
            (left.0 - each.0 * each.1 / count, left.1 - each.1 * each.1 / count)
        }
        let factor = product / square
        return count > 1 && factor.isFinite ? factor : 0
    }

    /// The mean of x - a C grad U(x).
    package var mean: [Double] {
        let factor = factor
        return zip(average, controlSums).map { $0 - factor * $1 / count }
    }
}

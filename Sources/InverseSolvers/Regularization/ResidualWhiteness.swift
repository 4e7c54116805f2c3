import KernelInterface

/// How far a residual r = A x - y is from white noise, by its autocorrelation:
///
///     W(r) = mean over k of N_k rho_k^2,    rho_k = (sum r_i r_j / N_k) / (|r|^2 / M)
///
/// where k runs over each channel and each direction to a neighbouring pixel, and (i, j) over the N_k pairs of measured
/// neighbours. For white noise N rho^2 is 1 in the mean (Box and Pierce 1970), whatever the mask. The whitest residual
/// as a rule for lambda: Almeida and Figueiredo, "Parameter estimation for blind and non-blind deblurring using residual
/// whiteness measures" (2013).
package struct ResidualWhiteness {
    /// The way to a neighbour in one channel; of each direction and its opposite only one.
    private struct Lag {
        let channel: Int
        let rows, columns: Int
    }

    private static let directions = [(0, 1), (1, -1), (1, 0), (1, 1)]

    private let shape: ImageShape
    /// M
    private let measuredCount: Double
    private let lags: [Lag]
    /// N_k, above 0.
    private let pairs: [Double]

    /// Returns nil where a measurement has no two measured entries in different rows, such as a vector: then there are no lags to speak of.
    ///
    /// - Parameter measured: which entries of a planar measurement of this shape are measured.
    package init?(shape: ImageShape, measured: [Bool]) {
        guard measured.count == shape.count else { return nil }
        let indicator: [Float] = measured.map { $0 ? 1 : 0 }
        let candidates = (0 ..< shape.channels).flatMap { channel in
            Self.directions.map { Lag(channel: channel, rows: $0.0, columns: $0.1) }
        }
        let counted = candidates.map { Self.product(indicator, at: $0, shape) }
        let observed = zip(candidates, counted).filter { $0.1 > 0 }
        guard observed.contains(where: { $0.0.rows > 0 }) else { return nil }
        self.shape = shape
        measuredCount = Double(measured.count(where: { $0 }))
        lags = observed.map(\.0)
        pairs = observed.map(\.1)
    }

    /// W of a residual that is 0 at what is not measured; infinite for a residual of zeros.
    package func callAsFunction(_ residual: [Float]) -> Double {
        guard residual.count == shape.count else { return .infinity }
        let variance = residual.reduce(0) { $0 + Double($1) * Double($1) } / measuredCount
        guard variance > 0 else { return .infinity }
        let terms = zip(lags, pairs).map { lag, count in
            let product = Self.product(residual, at: lag, shape) / variance
            return product * product / count
        }
        return terms.reduce(0, +) / Double(terms.count)
    }

    /// sum over all pixels of r[channel, i, j] r[channel, i + rows, j + columns].
    private static func product(_ r: [Float], at lag: Lag, _ shape: ImageShape) -> Double {
        guard lag.rows < shape.height, abs(lag.columns) < shape.width else { return 0 }
        let columns = max(0, -lag.columns) ..< shape.width - max(0, lag.columns)
        var sum = 0.0
        for row in 0 ..< shape.height - lag.rows {
            let a = (lag.channel * shape.height + row) * shape.width
            let b = a + lag.rows * shape.width + lag.columns
            for column in columns { sum += Double(r[a + column]) * Double(r[b + column]) }
        }
        return sum
    }
}

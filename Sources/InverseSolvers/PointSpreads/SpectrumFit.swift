import Glibc

/// The likeliest smooth spectrum of a blurred picture, and how likely it makes what was measured.
///
/// The power at a frequency k is modelled as
///
///     mu(k) = |A(k)|^2 exp(theta' F(k)) + v,
///
/// with v the variance of the noise and F smooth functions of the length and the direction of k, so that exp(theta' F) is a law of powers for each
/// direction, bent a little. theta has a Gaussian prior, which knows that the power of photographs falls with about the square of the
/// frequency. Were the picture Gaussian, I / mu would be exponential; edges make few frequencies much stronger, so that I / mu is taken
/// to have the F distribution with 2 and 8 degrees of freedom. What is minimized is
///
///     sum over k of log mu + 5 log(1 + I / (4 mu))  +  1/2 |(theta - m) / d|^2
///
/// by Fisher scoring.
struct SpectrumFit {
    /// The least value found.
    let loss: Double
    /// theta
    let parameters: [Double]

    static let features = 9
    /// Of `theta`: the first, the level, is free.
    private static let priorMean = [0, -2.6, 0, 0, 0, 0, 0, 0, 0]
    private static let priorDeviation = [.infinity, 0.8, 0.7, 0.7, 0.5, 0.5, 0.5, 0.7, 0.7]
    private static let middle = 0.15
    private static let mostSteps = 25
    /// In the loss; a nat is what counts.
    private static let tolerance = 0.01
    private static let longestStep = 3.0

    /// F at each frequency, one after the other.
    static func features(of spectrum: BlockSpectrum) -> [Double] {
        spectrum.frequencies.flatMap { k in
            let l = log(hypot(k.down, k.across) / middle)
            let angle = atan2(k.down, k.across)
            let (c2, s2, c4, s4) = (cos(2 * angle), sin(2 * angle), cos(4 * angle), sin(4 * angle))
            return [1, l, c2, s2, c4, s4, l * l, l * c2, l * c4]
        }
    }

    /// - Parameters:
    ///   - powers: I.
    ///   - transfer: |A|^2.
    ///   - noise: v, above 0.
    ///   - start: theta of a fit that is near; nil begins with what the powers tell.
    init(_ powers: [Double], transfer: [Double], features: [Double], noise: Double, start: [Double]? = nil) {
        var theta = start ?? Self.start(powers, transfer, noise)
        var point = Self.point(theta, powers, transfer, features, noise)
        for _ in 0 ..< Self.mostSteps {
            guard var step = Self.solve(point.information, point.gradient) else { break }
            let longest = step.map(abs).max() ?? 0
            if longest > Self.longestStep { step = step.map { $0 * Self.longestStep / longest } }
            var length = 1.0
            var next = point
            var moved = theta
            repeat {
                moved = zip(theta, step).map { $0 - length * $1 }
                next = Self.point(moved, powers, transfer, features, noise)
                length /= 2
            } while !(next.loss < point.loss) && length > 1e-3
            guard next.loss < point.loss else { break }
            let gained = point.loss - next.loss
            (theta, point) = (moved, next)
            if gained < Self.tolerance { break }
        }
        (loss, parameters) = (point.loss, theta)
    }

    private static func start(_ powers: [Double], _ transfer: [Double], _ noise: Double) -> [Double] {
        let levels = zip(powers, transfer).map { max($0 - noise, 1e-12) / max($1, 1e-3) }.sorted()
        var theta = [Double](repeating: 0, count: features)
        theta[0] = log(max(levels.isEmpty ? 1 : levels[levels.count / 2], 1e-9))
        theta[1] = -2
        return theta
    }

    private struct Point {
        let loss: Double
        let gradient: [Double]
        /// The lower half of the Fisher information, row by row.
        let information: [Double]
    }

    private static func point(
        _ theta: [Double], _ powers: [Double], _ transfer: [Double], _ features: [Double], _ noise: Double
    ) -> Point {
        let n = Self.features
        var loss = 0.0
        let (inputs, parameters) = (features.span, theta.span)
        var gradient = [Double](repeating: 0, count: n)
        var information = [Double](repeating: 0, count: n * n)
        for (k, (power, squared)) in zip(powers, transfer).enumerated() {
            let base = k * n
            var exponent = 0.0
            for i in 0 ..< n { exponent += parameters[i] * inputs[base + i] }
            let signal = squared * exp(min(max(exponent, -60), 40))
            let mu = signal + noise
            let sum = mu + power / 4
            let ratio = sum / mu
            // log mu + 5 log(1 + I / (4 mu)), with one logarithm.
            loss += log(mu * ratio * ratio * ratio * ratio * ratio)
            let share = signal / mu
            let slope = share * (1 - 1.25 * power / sum)
            let weight = share * share * (2.0 / 3)
            for i in 0 ..< n {
                let value = inputs[base + i]
                gradient[i] += slope * value
                let scaled = weight * value
                for j in 0 ... i { information[i * n + j] += scaled * inputs[base + j] }
            }
        }
        for i in 0 ..< n {
            let precision = 1 / (priorDeviation[i] * priorDeviation[i])
            let off = theta[i] - priorMean[i]
            loss += 0.5 * precision * off * off
            gradient[i] += precision * off
            // A little more, so that a parameter of which nothing is known stays.
            information[i * n + i] += precision + 1e-6
        }
        return Point(loss: loss, gradient: gradient, information: information)
    }

    /// The solution of a system whose matrix is symmetric, by its Cholesky factor; nil where it is not positive definite.
    private static func solve(_ matrix: [Double], _ right: [Double]) -> [Double]? {
        let n = right.count
        var (l, x) = (matrix, right)
        for i in 0 ..< n {
            for j in 0 ... i {
                let sum = (0 ..< j).reduce(l[i * n + j]) { $0 - l[i * n + $1] * l[j * n + $1] }
                if i == j {
                    guard sum > 0 else { return nil }
                    l[i * n + i] = sum.squareRoot()
                } else {
                    l[i * n + j] = sum / l[j * n + j]
                }
            }
            x[i] = (0 ..< i).reduce(x[i]) { $0 - l[i * n + $1] * x[$1] } / l[i * n + i]
        }
        for i in (0 ..< n).reversed() {
            x[i] = (i + 1 ..< n).reduce(x[i]) { $0 - l[$1 * n + i] * x[$1] } / l[i * n + i]
        }
        return x
    }
}

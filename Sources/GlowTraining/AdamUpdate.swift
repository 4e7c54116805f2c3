import Glibc
import KernelInterface

/// The vectors that an optimizer keeps beside the parameters.
struct OptimizerState: Sendable {
    /// Moments m and v of Adam.
    var first, second: [Float]
    /// Exponential moving average of the parameters.
    var ema: [Float]

    init(starting values: [Float]) {
        first = [Float](repeating: 0, count: values.count)
        second = first
        ema = values
    }
}

/// One step of Adam with bias correction, on all parameters:
///
///     m+ = b1 m + (1 - b1) g            v+ = b2 v + (1 - b2) g^2            g = clip * gradient
///     p+ = p - rate (m+ / (1 - b1^t)) / (sqrt(v+ / (1 - b2^t)) + epsilon)
///     average+ = average + (1 - keep) (p+ - average)
struct AdamUpdate {
    private let clip, beta1, beta2, rate, secondCorrection, epsilon, emaStep: Float

    private static let block = 1 << 14

    /// - Parameter update: t = 1, 2, ...
    init(_ options: TrainingOptions, update: Int, clip: Double) {
        let (b1, b2) = (options.beta1, options.beta2)
        self.clip = Float(clip)
        beta1 = Float(b1)
        beta2 = Float(b2)
        rate = Float(options.learningRate(step: update) / (1 - pow(b1, Double(update))))
        secondCorrection = Float(1 / (1 - pow(b2, Double(update))))
        epsilon = Float(options.epsilon)
        emaStep = Float(1 - options.emaDecay(step: update))
    }

    func apply(_ gradient: [Float], to values: inout [Float], _ state: inout OptimizerState, parallelism: Parallelism) {
        let count = values.count
        gradient.withUnsafeBufferPointer { gradient in
            values.withUnsafeMutableBufferPointer { values in
                state.first.withUnsafeMutableBufferPointer { first in
                    state.second.withUnsafeMutableBufferPointer { second in
                        state.ema.withUnsafeMutableBufferPointer { average in
                            guard let g = gradient.baseAddress, let p = values.baseAddress, let m = first.baseAddress,
                                let v = second.baseAddress, let a = average.baseAddress
                            else { return }
                            parallelism.forEach((count + Self.block - 1) / Self.block) { block, _ in
                                update(block * Self.block ..< min(count, (block + 1) * Self.block), g, p, m, v, a)
                            }
                        }
                    }
                }
            }
        }
    }

    private func update(
        _ range: Range<Int>, _ gradient: UnsafePointer<Float>, _ values: UnsafeMutablePointer<Float>,
        _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ average: UnsafeMutablePointer<Float>
    ) {
        for index in range {
            let g = clip * gradient[index]
            let m = beta1 * first[index] + (1 - beta1) * g
            let v = beta2 * second[index] + (1 - beta2) * (g * g)
            let p = values[index] - rate * m / ((secondCorrection * v).squareRoot() + epsilon)
            first[index] = m
            second[index] = v
            values[index] = p
            average[index] += emaStep * (p - average[index])
        }
    }
}

/// The Euclidean norm of a gradient in double precision, block by block in a fixed order; not finite when a number is not.
func gradientNorm(_ gradient: [Float], parallelism: Parallelism) -> Double {
    let block = 1 << 14
    let blocks = (gradient.count + block - 1) / block
    let sums = AlignedBuffer<Double>(count: blocks)
    gradient.withUnsafeBufferPointer { gradient in
        guard let base = gradient.baseAddress else { return }
        parallelism.forEach(blocks) { index, _ in
            let range = index * block ..< min(gradient.count, (index + 1) * block)
            var lanes = SIMD8<Double>.zero
            var k = range.lowerBound
            while k + 8 <= range.upperBound {
                let numbers = SIMD8<Double>(UnsafeRawPointer(base + k).loadUnaligned(as: SIMD8<Float>.self))
                lanes += numbers * numbers
                k += 8
            }
            while k < range.upperBound {
                lanes[0] += Double(base[k]) * Double(base[k])
                k += 1
            }
            let pairs = lanes.lowHalf + lanes.highHalf
            sums.base[index] = (pairs[0] + pairs[1]) + (pairs[2] + pairs[3])
        }
    }
    return (0 ..< blocks).reduce(0.0) { $0 + sums.base[$1] }.squareRoot()
}

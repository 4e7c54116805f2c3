import Glibc

/// A convolution while it is folded, in Double: 3x3 (nine taps) or 1x1 (one).
struct Convolution {
    let outputs: Int
    let inputs: Int
    let taps: Int
    /// (outputs, inputs, taps)
    private(set) var weight: [Double]
    private(set) var bias: [Double]
    /// (outputs, taps): the kernel of one more input that is 1 outside of the image and 0 inside.
    private(set) var border: [Double]?

    /// - Parameter bias: nil is none.
    init(outputs: Int, inputs: Int, taps: Int, weight: [Double], bias: [Double]? = nil, border: [Double]? = nil) {
        (self.outputs, self.inputs, self.taps, self.weight, self.border) = (outputs, inputs, taps, weight, border)
        self.bias = bias ?? [Double](repeating: 0, count: outputs)
    }

    /// What follows multiplies each output by its own number.
    mutating func scale(_ factors: [Double]) {
        let size = inputs * taps
        for o in 0 ..< outputs {
            for i in o * size ..< (o + 1) * size { weight[i] *= factors[o] }
            bias[o] *= factors[o]
            if border != nil { for tap in 0 ..< taps { border?[o * taps + tap] *= factors[o] } }
        }
    }

    /// What follows adds a number to each output.
    mutating func add(_ numbers: [Double]) {
        for o in 0 ..< outputs { bias[o] += numbers[o] }
    }

    /// What follows is an actnorm (y + b) e^s.
    mutating func actnorm(_ b: [Double], logs s: [Double]) {
        add(b)
        scale(s.map { exp($0) })
    }

    /// Output o becomes what output `order[o]` was.
    mutating func reorder(_ order: [Int]) {
        weight = Self.rows(weight, order, inputs * taps)
        bias = order.map { bias[$0] }
        border = border.map { Self.rows($0, order, taps) }
    }

    /// The input is padded by `values`, one for each channel, in place of 0.
    ///
    /// What is no more than the roundings of weights in single precision is none: so a network whose weights cancel outside of the image, which an
    /// export makes, has no border.
    mutating func pad(with values: [Double]) {
        var kernel = [Double](repeating: 0, count: outputs * taps)
        var isNothing = true
        for o in 0 ..< outputs {
            for tap in 0 ..< taps {
                var (sum, magnitude) = (0.0, 0.0)
                for h in 0 ..< inputs {
                    let term = weight[(o * inputs + h) * taps + tap] * values[h]
                    sum += term
                    magnitude += abs(term)
                }
                kernel[o * taps + tap] = sum
                if abs(sum) > 0x1p-22 * magnitude { isNothing = false }
            }
        }
        border = isNothing ? nil : kernel
    }

    private static func rows(_ values: [Double], _ order: [Int], _ size: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(values.count)
        for row in order { result += values[row * size ..< (row + 1) * size] }
        return result
    }
}

/// Orders of the outputs of a family's last convolution, as `Convolution.reorder` takes them: first all of one kind, then all of the other.
enum OutputOrder {
    /// Even ones first.
    static func evenOdd(_ count: Int) -> [Int] { oddness(count, 0) + oddness(count, 1) }
    /// Odd ones first.
    static func oddEven(_ count: Int) -> [Int] { oddness(count, 1) + oddness(count, 0) }
    /// The second half first.
    static func exchanged(_ count: Int) -> [Int] { Array(count / 2 ..< count) + Array(0 ..< count / 2) }

    private static func oddness(_ count: Int, _ first: Int) -> [Int] { Array(stride(from: first, to: count, by: 2)) }
}

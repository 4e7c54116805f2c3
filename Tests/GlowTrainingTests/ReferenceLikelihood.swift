import Foundation
import GlowModel
import GlowTraining
import KernelInterface
import TestSupport

/// The loss of maximum likelihood with plain loops in double precision, straight from the text of `TrainingTensor` and
/// `LikelihoodGradient`: nothing is folded, packed or gathered.
struct ReferenceLikelihood {
    let layout: ParameterLayout
    let frames: [MixingFrame]
    let shape: ImageShape
    /// Where the tensors of each step lie, by their places in `allCases`.
    private let tensors: [[Range<Int>]]

    init(_ parameters: TrainingParameters, shape: ImageShape) {
        (layout, frames) = (parameters.layout, parameters.frames)
        self.shape = shape
        tensors = layout.steps.map { step in TrainingTensor.allCases.map { step[$0] } }
    }

    /// Numbers (channel, row, column).
    struct Volume {
        var channels, height, width: Int
        var values: [Double]

        init(_ channels: Int, _ height: Int, _ width: Int, _ values: [Double]? = nil) {
            (self.channels, self.height, self.width) = (channels, height, width)
            self.values = values ?? [Double](repeating: 0, count: channels * height * width)
        }

        subscript(c: Int, i: Int, j: Int) -> Double {
            get { values[(c * height + i) * width + j] }
            set { values[(c * height + i) * width + j] = newValue }
        }

        func channels(_ range: Range<Int>) -> Volume {
            let pixels = height * width
            return Volume(range.count, height, width, Array(values[range.lowerBound * pixels ..< range.upperBound * pixels]))
        }

        var squeezed: Volume {
            var y = Volume(4 * channels, height / 2, width / 2)
            for k in 0 ..< y.channels {
                for i in 0 ..< y.height {
                    for j in 0 ..< y.width { y[k, i, j] = self[k / 4, 2 * i + k % 4 / 2, 2 * j + k % 2] }
                }
            }
            return y
        }

        var rectified: Volume { Volume(channels, height, width, values.map { max(0, $0) }) }

        /// Convolution with zero padding; `weight(output, channel, tap)`.
        func convolved(outputs: Int, size: Int, bias: ArraySlice<Double>, weight: (Int, Int, Int) -> Double) -> Volume {
            var y = Volume(outputs, height, width)
            for o in 0 ..< outputs {
                for i in 0 ..< height {
                    for j in 0 ..< width {
                        var sum = bias[bias.startIndex + o]
                        for c in 0 ..< channels {
                            for tap in 0 ..< size * size {
                                let (row, column) = (i + tap / size - size / 2, j + tap % size - size / 2)
                                guard row >= 0, row < height, column >= 0, column < width else { continue }
                                sum += weight(o, c, tap) * self[c, row, column]
                            }
                        }
                        y[o, i, j] = sum
                    }
                }
            }
            return y
        }
    }

    /// The mean of -log p / (n log 2) over the batch.
    func bitsPerDimension(_ batch: [Float], _ parameters: [Double]) -> Double {
        let images = batch.count / shape.count
        let nats = (0 ..< images).reduce(0.0) { sum, image in
            sum - logDensity(batch[image * shape.count ..< (image + 1) * shape.count].map(Double.init), parameters)
        }
        return nats / (Double(images * shape.count) * log(2))
    }

    private func logDensity(_ image: [Double], _ parameters: [Double]) -> Double {
        let isAffine = layout.architecture.coupling == .affine
        var x = Volume(shape.channels, shape.height, shape.width, image)
        var logDensity = -Double(shape.count) / 2 * log(2 * Double.pi)
        var level = -1
        func emit(_ z: Volume) { for number in z.values { logDensity -= number * number / 2 } }
        for (number, step) in layout.steps.enumerated() {
            if step.level != level {
                if level >= 0 {
                    emit(x.channels(x.channels / 2 ..< x.channels))
                    x = x.channels(0 ..< x.channels / 2)
                }
                level = step.level
                x = x.squeezed
            }
            let (order, half, hidden) = (x.channels, x.channels / 2, step.shape.hidden)
            let tensors = tensors[number]
            func tensor(_ name: TrainingTensor) -> ArraySlice<Double> { parameters[tensors[name.place]] }
            func at(_ name: TrainingTensor, _ index: Int) -> Double { parameters[tensors[name.place].lowerBound + index] }

            let pixels = Double(x.height * x.width)
            let w = convolution(number, at)
            var u = Volume(order, x.height, x.width)
            for i in 0 ..< x.height {
                for j in 0 ..< x.width {
                    for row in 0 ..< order {
                        for c in 0 ..< order {
                            u[row, i, j] += w[row][c] * exp(at(.actnormLogScale, c)) * (x[c, i, j] + at(.actnormBias, c))
                        }
                    }
                }
            }
            for c in 0 ..< order { logDensity += pixels * (at(.actnormLogScale, c) + at(.mixingFactors, c * order + c)) }

            let outputs = step.shape.outputs
            let h = u.channels(0 ..< half)
                .convolved(outputs: hidden, size: 3, bias: tensor(.net0Bias)) { at(.net0Weight, (9 * $1 + $2) * hidden + $0) }
                .rectified
                .convolved(outputs: hidden, size: 1, bias: tensor(.net1Bias)) { o, c, _ in at(.net1Weight, c * hidden + o) }
                .rectified
                .convolved(outputs: outputs, size: 3, bias: tensor(.net2Bias)) { at(.net2Weight, (9 * $0 + $2) * hidden + $1) }
            for i in 0 ..< x.height {
                for j in 0 ..< x.width {
                    for c in 0 ..< half {
                        let shift = h[c, i, j] * exp(3 * at(.net2LogScale, c))
                        u[half + c, i, j] += shift
                        guard isAffine else { continue }
                        let r = h[half + c, i, j] * exp(3 * at(.net2LogScale, half + c))
                        let s = 1 / (1 + exp(-(r + 2)))
                        u[half + c, i, j] *= s
                        logDensity += log(s)
                    }
                }
            }
            x = u
        }
        emit(x)
        return logDensity
    }

    /// W = P L (U + S)
    private func convolution(_ number: Int, _ at: (TrainingTensor, Int) -> Double) -> [[Double]] {
        let frame = frames[number]
        let order = frame.signs.count
        var w = [[Double]](repeating: [Double](repeating: 0, count: order), count: order)
        for i in 0 ..< order {
            for j in 0 ..< order {
                var sum = 0.0
                for k in 0 ... min(i, j) {
                    let l = k == i ? 1 : at(.mixingFactors, i * order + k)
                    let v = k == j ? Double(frame.signs[k]) * exp(at(.mixingFactors, k * order + k)) : at(.mixingFactors, k * order + j)
                    sum += l * v
                }
                w[frame.permutation[i]][j] = sum
            }
        }
        return w
    }

    /// The gradient by `centralGradient`.
    func gradient(_ batch: [Float], _ parameters: [Double]) -> [Double] {
        centralGradient(of: { bitsPerDimension(batch, $0) }, at: parameters, step: 1e-5)
    }
}

extension TrainingTensor {
    /// The place in `allCases`.
    fileprivate var place: Int {
        switch self {
        case .actnormBias: 0
        case .actnormLogScale: 1
        case .mixingFactors: 2
        case .net0Weight: 3
        case .net0Bias: 4
        case .net1Weight: 5
        case .net1Bias: 6
        case .net2Weight: 7
        case .net2Bias: 8
        case .net2LogScale: 9
        }
    }
}

import GlowModel
import KernelInterface

/// The sums of all chunks of a batch, added in order and scaled, into the gradient of one step: of the folded weights, each in the
/// place of the parameter that it belongs to.
struct SumReduction {
    let places: StepSums
    let sums: UnsafePointer<Float>
    /// Numbers from chunk to chunk.
    let stride: Int
    let chunks: Int
    let layout: StepLayout
    let scale: Float

    /// A share of the rows of every matrix; the biases with the first share.
    func run(_ task: Int, of tasks: Int, into gradient: UnsafeMutablePointer<Float>) {
        let matrices: [(StepSums.Matrix, TrainingTensor)] = [
            (places.first, .net0Weight), (places.second, .net1Weight), (places.third, .net2Weight), (places.mixing, .mixingFactors),
        ]
        for (matrix, tensor) in matrices {
            let target = gradient + layout[tensor].lowerBound
            for row in task * matrix.rows / tasks ..< (task + 1) * matrix.rows / tasks {
                add(matrix.start + row * matrix.stride, count: matrix.columns, into: target + row * matrix.columns)
            }
        }
        guard task == 0 else { return }
        let hidden = layout.shape.hidden
        add(places.firstBias, count: hidden, into: gradient + layout[.net0Bias].lowerBound)
        add(places.secondBias, count: hidden, into: gradient + layout[.net1Bias].lowerBound)
        // Tap 4 of a gathered cotangent is the pixel itself.
        for output in 0 ..< layout.shape.outputs {
            add(places.thirdBias + 9 * output + 4, count: 1, into: gradient + layout[.net2Bias].lowerBound + output)
        }
        add(places.mixingBias, count: layout.shape.channels, into: gradient + layout[.actnormBias].lowerBound)
    }

    private func add(_ first: Int, count: Int, into target: UnsafeMutablePointer<Float>) {
        target.update(from: sums + first, count: count)
        for chunk in 1 ..< max(1, chunks) {
            let source = sums + chunk * stride + first
            for index in 0 ..< count { target[index] += source[index] }
        }
        for index in 0 ..< count { target[index] *= scale }
    }
}

/// The fold of one step, transposed: from the gradients of folded weights to those of the parameters, in place.
struct StepFold {
    let values: StepValues
    let mixing: Mixing

    /// - Parameters:
    ///   - gradient: holds dM in the place of `mixingFactors`, dm in that of `actnormBias`, and the network's as it is folded.
    ///   - logDeterminantGradient: of the loss in log|det M|.
    func pullBack(_ gradient: UnsafeMutablePointer<Float>, logDeterminantGradient: Double) {
        let layout = values.layout
        func place(_ tensor: TrainingTensor) -> UnsafeMutableBufferPointer<Float> {
            let range = layout[tensor]
            return UnsafeMutableBufferPointer(start: gradient + range.lowerBound, count: range.count)
        }
        let order = layout.shape.channels
        let (factors, bias, logScale) = (place(.mixingFactors), place(.actnormBias), place(.actnormLogScale))
        let pulled = mixing.pulledBack(matrix: factors.map(Double.init), bias: bias.map(Double.init))
        for i in 0 ..< order {
            bias[i] = Float(pulled.bias[i])
            logScale[i] = Float(pulled.logScale[i] + logDeterminantGradient)
            for j in 0 ..< order {
                factors[i * order + j] = Float(pulled.factors[i * order + j] + (i == j ? logDeterminantGradient : 0))
            }
        }

        // In the fold W = e W2 and b = e b2 with e = exp(3 l), so now dW2 = e dW, db2 = e db, dl = 3 (<dW2, W2> + <db2, b2>).
        let (weights, biases) = (values[.net2Weight], values[.net2Bias])
        let (dWeights, dBiases, dLogScales) = (place(.net2Weight), place(.net2Bias), place(.net2LogScale))
        let rowCount = 9 * layout.shape.hidden
        for output in 0 ..< layout.shape.outputs {
            let scale = outputScale(logScale: values[.net2LogScale][output])
            dBiases[output] *= scale
            var sum = Double(dBiases[output]) * Double(biases[output])
            for index in output * rowCount ..< (output + 1) * rowCount {
                dWeights[index] *= scale
                sum += Double(dWeights[index]) * Double(weights[index])
            }
            dLogScales[output] = Float(3 * sum)
        }
    }
}

import Glibc
import GlowModel

/// A model as the state dict of rosinality's `Glow(channels, K, L, affine=..., conv_lu=True)`.
///
/// M becomes LU factors, with an actnorm that only shifts. The family's last convolution pads with 1 and ours with 0: one more hidden channel that
/// is 0 inside of the image has the negative sum of the others' weights, so that what is outside cancels. Priors are standard normal.
struct RosinalityState {
    private let source: ModelFile
    private let hidden: Int

    /// What the family's code builds.
    static let usualHidden = 512

    /// - Parameter hidden: the width of the coupling networks that the code builds; nil is the usual one, or what the model needs.
    /// - Throws: `CheckpointError` for a width that is too small.
    init(_ source: ModelFile, hidden: Int?) throws {
        let needed = source.architecture.hidden + 1
        guard hidden ?? needed >= needed else {
            throw CheckpointError(
                path: source.path, reason: "has \(needed - 1) hidden channels: the exported networks need \(needed), not \(hidden ?? 0)")
        }
        self.source = source
        self.hidden = hidden ?? max(Self.usualHidden, needed)
    }

    var hiddenWidth: Int { hidden }

    /// - Throws: what the model file throws.
    func tensors() throws -> [StateTensor] {
        let architecture = source.architecture
        var tensors: [StateTensor] = []
        for level in 0 ..< architecture.levels {
            for index in 0 ..< architecture.steps[level] {
                let step = try source.step(level: level, index: index)
                // The family's x is the pixel value less 1/2.
                let offset = level == 0 && index == 0 ? Double(architecture.pixelShift) + 0.5 : 0
                tensors += self.tensors(of: step, name: "blocks.\(level).flows.\(index).", offset: offset)
            }
            tensors += prior(level)
        }
        return tensors
    }

    private func tensors(of step: FlowStepParameters, name: String, offset: Double) -> [StateTensor] {
        let (c, h) = (step.shape.channels, step.shape.hidden)
        let matrix = step.mixing
        let inverse = SquareMatrix(order: c, elements: matrix.inverse)
        let shift = inverse.times(step.mixingBias.map(Double.init)).map { $0 + offset }
        let one = [Double](repeating: 1, count: c)
        var tensors = [
            StateTensor(name + "actnorm.loc", [1, c, 1, 1], shift), StateTensor(name + "actnorm.scale", [1, c, 1, 1], one),
            StateTensor(name + "actnorm.initialized", [], [UInt8(1)]),
        ]
        tensors += factors(matrix, name: name + "invconv.")

        let net = name + "coupling.net."
        let outputs = step.shape.outputs
        tensors += [
            StateTensor(net + "0.weight", [hidden, c / 2, 3, 3], widened(step.net0Weight, row: c / 2 * 9)),
            StateTensor(net + "0.bias", [hidden], widened(step.net0Bias, row: 1)),
            StateTensor(net + "2.weight", [hidden, hidden, 1, 1], widenedSquare(step.net1Weight, h)),
            StateTensor(net + "2.bias", [hidden], widened(step.net1Bias, row: 1)),
            StateTensor(net + "4.scale", [1, outputs, 1, 1], [Float](repeating: 0, count: outputs)),
        ]
        // The family has the raw scales first.
        let order = outputs == c ? OutputOrder.exchanged(outputs) : Array(0 ..< outputs)
        tensors.append(StateTensor(net + "4.conv.weight", [outputs, hidden, 3, 3], lastWeights(step.net2Weight, h, order)))
        tensors.append(StateTensor(net + "4.conv.bias", [outputs], order.map { step.net2Bias[$0] }))
        return tensors
    }

    /// More rows, which are 0.
    private func widened(_ values: [Float], row: Int) -> [Float] { values + [Float](repeating: 0, count: hidden * row - values.count) }

    private func widenedSquare(_ values: [Float], _ h: Int) -> [Float] {
        var result = [Float](repeating: 0, count: hidden * hidden)
        for row in 0 ..< h {
            for column in 0 ..< h { result[row * hidden + column] = values[row * h + column] }
        }
        return result
    }

    /// Input h cancels what inputs 0 ..< h make of the padding.
    private func lastWeights(_ values: [Float], _ h: Int, _ order: [Int]) -> [Float] {
        var result = [Float](repeating: 0, count: order.count * hidden * 9)
        for (row, from) in order.enumerated() {
            for tap in 0 ..< 9 {
                var sum = 0.0
                for channel in 0 ..< h {
                    let weight = values[(from * h + channel) * 9 + tap]
                    result[(row * hidden + channel) * 9 + tap] = weight
                    sum += Double(weight)
                }
                result[(row * hidden + h) * 9 + tap] = Float(-sum)
            }
        }
        return result
    }

    /// P, L and U of M, in double precision, with the masks that the code registers.
    private func factors(_ matrix: InvertibleMatrix, name: String) -> [StateTensor] {
        let n = matrix.order
        var rows = Array(0 ..< n)
        var work = matrix.elements.map(Double.init)
        for column in 0 ..< n {
            let pivot = (column ..< n).max { abs(work[$0 * n + column]) < abs(work[$1 * n + column]) } ?? column
            if pivot != column {
                rows.swapAt(pivot, column)
                for j in 0 ..< n { work.swapAt(pivot * n + j, column * n + j) }
            }
            for row in column + 1 ..< n {
                let factor = work[row * n + column] / work[column * n + column]
                work[row * n + column] = factor
                for j in column + 1 ..< n { work[row * n + j] -= factor * work[column * n + j] }
            }
        }
        func triangle(_ value: (_ i: Int, _ j: Int) -> Double) -> [Double] {
            (0 ..< n * n).map { value($0 / n, $0 % n) }
        }
        let diagonal = (0 ..< n).map { work[$0 * n + $0] }
        let square = [n, n]
        return [
            StateTensor(name + "w_p", square, triangle { rows[$1] == $0 ? 1 : 0 }),
            StateTensor(name + "w_l", square, triangle { $0 > $1 ? work[$0 * n + $1] : $0 == $1 ? 1 : 0 }),
            StateTensor(name + "w_u", square, triangle { $0 < $1 ? work[$0 * n + $1] : 0 }),
            StateTensor(name + "w_s", [n], diagonal.map { log(abs($0)) }),
            StateTensor(name + "s_sign", [n], diagonal.map { Float($0 < 0 ? -1 : 1) }),
            StateTensor(name + "u_mask", square, triangle { $0 < $1 ? 1 : 0 }.map { Float($0) }),
            StateTensor(name + "l_mask", square, triangle { $0 > $1 ? 1 : 0 }.map { Float($0) }),
            StateTensor(name + "l_eye", square, triangle { $0 == $1 ? 1 : 0 }.map { Float($0) }),
        ]
    }

    /// Zeros: mean 0, deviation 1.
    private func prior(_ level: Int) -> [StateTensor] {
        let c = source.architecture.channels(level: level)
        let (inputs, outputs) = level == source.architecture.levels - 1 ? (c, 2 * c) : (c / 2, c)
        let name = "blocks.\(level).prior."
        return [
            StateTensor(name + "scale", [1, outputs, 1, 1], [Float](repeating: 0, count: outputs)),
            StateTensor(name + "conv.weight", [outputs, inputs, 3, 3], [Float](repeating: 0, count: outputs * inputs * 9)),
            StateTensor(name + "conv.bias", [outputs], [Float](repeating: 0, count: outputs)),
        ]
    }
}

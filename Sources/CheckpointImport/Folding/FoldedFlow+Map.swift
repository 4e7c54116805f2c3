import Glibc
import GlowModel

/// The map that a `FoldedFlow` stands for, in Double with plain loops: what an import is held against, not what restores images.
extension FoldedFlow {
    /// Planes of numbers: (channel, row, column).
    private struct Planes {
        var channels: Int
        var height: Int
        var width: Int
        var values: [Double]

        var pixels: Int { height * width }

        func half(_ index: Int) -> Planes {
            let count = channels / 2 * pixels
            return Planes(
                channels: channels / 2, height: height, width: width, values: Array(values[index * count ..< (index + 1) * count]))
        }

        func followed(by other: Planes) -> Planes {
            Planes(channels: channels + other.channels, height: height, width: width, values: values + other.values)
        }
    }

    /// z = f(x) and log|det dz/dx| of an image (channel, row, column) in the model's range, pixel values - 0.5.
    ///
    /// - Precondition: height and width are multiples of 2^L, and those of a map where there is one.
    package func forward(_ image: [Double], height: Int, width: Int) -> (latent: [Double], logDeterminant: Double) {
        var x = Planes(channels: architecture.imageChannels, height: height, width: width, values: image)
        var latent: [Double] = []
        var logDeterminant = 0.0
        for level in levels.indices {
            x = squeezed(x, level)
            for step in levels[level] { logDeterminant += forward(step, &x) }
            let isLast = level == levels.count - 1
            let (kept, sent) = isLast ? (nil, x) : keepsSecondHalf ? (x.half(1), x.half(0)) : (x.half(0), x.half(1))
            var block = sent.values
            if let prior = priors[level] {
                let parameters = densityParameters(prior, kept, count: block.count, sent)
                for i in block.indices {
                    let logScale = parameters[block.count + i]
                    block[i] = (block[i] - parameters[i]) * exp(-logScale)
                    logDeterminant -= logScale
                }
            }
            latent += block
            if let kept { x = kept }
        }
        return (latent, logDeterminant)
    }

    /// x = f^-1(z), of a latent as `forward` gives it.
    package func inverse(_ latent: [Double], height: Int, width: Int) -> [Double] {
        var end = latent.count
        var kept: Planes?
        for level in levels.indices.reversed() {
            let channels = architecture.latentChannels(level: level)
            let (h, w) = (height >> (level + 1), width >> (level + 1))
            let count = channels * h * w
            var sent = Planes(channels: channels, height: h, width: w, values: Array(latent[end - count ..< end]))
            end -= count
            if let prior = priors[level] {
                let parameters = densityParameters(prior, kept, count: count, sent)
                for i in 0 ..< count { sent.values[i] = parameters[i] + sent.values[i] * exp(parameters[count + i]) }
            }
            var x = sent
            if let kept { x = keepsSecondHalf ? sent.followed(by: kept) : kept.followed(by: sent) }
            for step in levels[level].reversed() { inverse(step, &x) }
            kept = unsqueezed(x, level)
        }
        return kept?.values ?? []
    }

    // MARK: layers

    private func squeezed(_ x: Planes, _ level: Int) -> Planes {
        var y = Planes(channels: 4 * x.channels, height: x.height / 2, width: x.width / 2, values: x.values)
        if squeeze[level] == .interleaved { forEachPair(x) { coarse, fine in y.values[coarse] = x.values[fine] } }
        return y
    }

    private func unsqueezed(_ y: Planes, _ level: Int) -> Planes {
        var x = Planes(channels: y.channels / 4, height: 2 * y.height, width: 2 * y.width, values: y.values)
        if squeeze[level] == .interleaved { forEachPair(x) { coarse, fine in x.values[fine] = y.values[coarse] } }
        return x
    }

    private func forEachPair(_ fine: Planes, _ body: (_ coarse: Int, _ fine: Int) -> Void) {
        let (h, w) = (fine.height / 2, fine.width / 2)
        for c in 0 ..< 4 * fine.channels {
            for i in 0 ..< h {
                for j in 0 ..< w {
                    body((c * h + i) * w + j, (c / 4 * fine.height + 2 * i + c % 4 / 2) * fine.width + 2 * j + c % 2)
                }
            }
        }
    }

    private func forward(_ step: Step, _ x: inout Planes) -> Double {
        let n = x.channels
        var logDeterminant = 0.0
        if let matrix = try? InvertibleMatrix(order: n, elements: step.mixing) {
            logDeterminant = Double(x.pixels) * matrix.logAbsDeterminant
        }
        x.values = mixed(x, step.mixing.map(Double.init), adding: step.mixingBias.map(Double.init))
        let (shift, scale) = coupling(step, x.half(0))
        let first = n / 2 * x.pixels
        for i in shift.indices {
            let b = x.values[first + i]
            x.values[first + i] = affineOrder == .shiftFirst ? (b + shift[i]) * scale[i] : b * scale[i] + shift[i]
            logDeterminant += log(abs(scale[i]))
        }
        return logDeterminant
    }

    private func inverse(_ step: Step, _ x: inout Planes) {
        let n = x.channels
        let (shift, scale) = coupling(step, x.half(0))
        let first = n / 2 * x.pixels
        for i in shift.indices {
            let b = x.values[first + i]
            x.values[first + i] = affineOrder == .shiftFirst ? b / scale[i] - shift[i] : (b - shift[i]) / scale[i]
        }
        guard let matrix = try? InvertibleMatrix(order: n, elements: step.mixing) else { return }
        for c in 0 ..< n {
            for p in 0 ..< x.pixels { x.values[c * x.pixels + p] -= Double(step.mixingBias[c]) }
        }
        x.values = mixed(x, matrix.inverse, adding: .init(repeating: 0, count: n))
    }

    private func mixed(_ x: Planes, _ matrix: [Double], adding bias: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: x.values.count)
        for o in 0 ..< x.channels {
            for p in 0 ..< x.pixels { result[o * x.pixels + p] = bias[o] }
            for i in 0 ..< x.channels {
                let factor = matrix[o * x.channels + i]
                for p in 0 ..< x.pixels { result[o * x.pixels + p] += factor * x.values[i * x.pixels + p] }
            }
        }
        return result
    }

    /// t and s of the transformed half; s is 1 for additive couplings.
    private func coupling(_ step: Step, _ a: Planes) -> (shift: [Double], scale: [Double]) {
        var hidden = convolved(a, step.net0Weight, step.net0Bias, step.net0Border, taps: 9)
        for i in hidden.values.indices { hidden.values[i] = max(0, hidden.values[i]) }
        hidden = convolved(hidden, step.net1Weight, step.net1Bias, nil, taps: 1)
        for i in hidden.values.indices { hidden.values[i] = max(0, hidden.values[i]) }
        let output = convolved(hidden, step.net2Weight, step.net2Bias, step.net2Border, taps: 9)
        guard architecture.coupling == .affine else { return (output.values, .init(repeating: 1, count: output.values.count)) }
        let half = output.values.count / 2
        return (Array(output.values[..<half]), output.values[half...].map { scale($0) + Double(step.scaleOffset) })
    }

    private func scale(_ r: Double) -> Double {
        let sigmoid = 1 / (1 + exp(-r - 2))
        return switch scaleMap {
        case .sigmoid: sigmoid
        case .exp: exp(r)
        case .inverseSigmoid: 1 / sigmoid
        case .expSigmoid: exp(sigmoid)
        }
    }

    /// Means and then log deviations of a block.
    private func densityParameters(_ prior: Prior, _ kept: Planes?, count: Int, _ block: Planes) -> [Double] {
        if let map = prior.map { return map.map(Double.init) }
        let source = kept ?? Planes(channels: 0, height: block.height, width: block.width, values: [])
        return convolved(
            source, prior.weight ?? [], prior.bias ?? .init(repeating: 0, count: 2 * block.channels), prior.border, taps: 9
        ).values
    }

    private func convolved(_ x: Planes, _ weight: [Float], _ bias: [Float], _ border: [Float]?, taps: Int) -> Planes {
        let (height, width) = (x.height, x.width)
        var y = Planes(channels: bias.count, height: height, width: width, values: [])
        y.values = bias.flatMap { [Double](repeating: Double($0), count: height * width) }
        let reach = taps == 9 ? 1 : 0
        for o in bias.indices {
            for tap in 0 ..< taps {
                let (dy, dx) = (tap / 3 - reach, tap % 3 - reach)
                let columns = max(0, -dx) ..< max(max(0, -dx), min(width, width - dx))
                if let border {
                    for i in 0 ..< height {
                        for j in 0 ..< width where i + dy < 0 || i + dy >= height || !columns.contains(j) {
                            y.values[(o * height + i) * width + j] += Double(border[o * taps + tap])
                        }
                    }
                }
                guard !weight.isEmpty else { continue }
                for c in 0 ..< x.channels {
                    let factor = Double(weight[(o * x.channels + c) * taps + tap])
                    if factor == 0 { continue }
                    for i in max(0, -dy) ..< max(max(0, -dy), min(height, height - dy)) {
                        let from = (c * height + i + dy) * width + dx
                        let to = (o * height + i) * width
                        for j in columns { y.values[to + j] += factor * x.values[from + j] }
                    }
                }
            }
        }
        return y
    }
}

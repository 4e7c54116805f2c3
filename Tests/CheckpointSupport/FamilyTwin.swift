import CheckpointImport
import Glibc

/// What a family's code computes, layer by layer as it stands there: the twin of folding, which it shares no code with.
package struct FamilyTwin {
    package let family: CheckpointFamily
    package var isAffine = true
    /// LU factors in place of plain matrices, or what else a family has two of.
    package var variant = false
    /// Of glowip: in memory order.
    package var isContiguous = false
    /// Of glowip.
    package var lastOffset = 0.0
    /// Of an image.
    package var channels = 3
    /// Of normflows: whether its base has parameters.
    package var hasBase = true
    package var levels = 2
    package var steps = 2
    package var hidden = 5
    package let maker: StateMaker

    package init(_ family: CheckpointFamily, isAffine: Bool = true, variant: Bool = false, seed: UInt64 = 1) {
        self.family = family
        self.isAffine = isAffine
        self.variant = variant
        maker = StateMaker(seed: seed)
    }

    /// The state dict of the weights, which are drawn where they are used.
    package var state: [String: MadeTensor] {
        if maker.state.isEmpty {
            let side = 1 << levels
            _ = forward(Volume(channels: channels, height: side, width: side, values: .init(repeating: 0.1, count: channels * side * side)))
        }
        return maker.state
    }

    /// The latent, finest level first, with the last block as the engine orders it, and log|det| with that of the priors.
    package func forward(_ image: Volume) -> (latent: [Double], logDeterminant: Double) {
        var x = image
        var latent: [Double] = []
        var total = 0.0
        for level in 0 ..< levels {
            x = isContiguous ? x.reshaped : x.squeezed
            for step in 0 ..< steps(level) { total += apply(level, step, &x) }
            let isLast = level == levels - 1
            let (kept, sent) = isLast ? (Volume(channels: 0, height: x.height, width: x.width, values: []), x) : x.halves
            var (block, logDeterminant) = whiten(level, kept, sent)
            total += logDeterminant
            if isLast, secondHalfConditions { block = block.halves.1.followed(by: block.halves.0) }
            latent += block.values
            x = kept
        }
        return (latent, total)
    }

    private var secondHalfConditions: Bool { [.glowip, .kamen, .dajin].contains(family) }

    /// glowip's last level has one step.
    private func steps(_ level: Int) -> Int { family == .glowip && level == levels - 1 ? 1 : steps }

    // MARK: a step

    private func apply(_ level: Int, _ step: Int, _ x: inout Volume) -> Double {
        let key = stepKey(level, step)
        var logDeterminant = actnorm(key, &x) * Double(x.pixels)
        logDeterminant += mix(level, step, &x) * Double(x.pixels)
        let (a, b) = secondHalfConditions ? (x.halves.1, x.halves.0) : x.halves
        let output = network(level, step, a)
        var (moved, logScale) = (b, 0.0)
        let isLastStep = level == levels - 1 && step == steps(level) - 1
        if isAffine {
            let (shift, raw) = shiftAndRaw(output)
            let scale = raw.map { _, r in
                switch family {
                case .dajin: exp(sigmoid(r + 2))
                case .glowip: sigmoid(r + 2) + (isLastStep ? lastOffset : 0)
                default: sigmoid(r + 2)
                }
            }
            switch family {
            case .glowip, .kamen: moved = b.zipped(scale, *).zipped(shift, +)
            case .normflows: moved = b.zipped(shift, -).zipped(scale, *)
            default: moved = b.zipped(shift, +).zipped(scale, *)
            }
            logScale = scale.values.reduce(0) { $0 + log($1) }
        } else {
            moved = b.zipped(output) { family == .normflows ? $0 - $1 : $0 + $1 }
        }
        x = secondHalfConditions ? moved.followed(by: a) : a.followed(by: moved)
        return logDeterminant + logScale
    }

    private func shiftAndRaw(_ output: Volume) -> (Volume, Volume) {
        switch family {
        case .rosinality, .dajin: (output.halves.1, output.halves.0)
        case .glowip: (output.evenOdd.1, output.evenOdd.0)
        default: output.evenOdd
        }
    }

    /// Where the flat families have a step.
    private func layer(_ level: Int, _ step: Int, size: Int = 1) -> Int { 1 + level * (size * steps + 2) + size * step }

    private func stepKey(_ level: Int, _ step: Int) -> String {
        switch family {
        case .glowip: "glow_modules.\(layer(level, step))."
        case .rosinality, .dajin: "blocks.\(level).flows.\(step)."
        case .y0ast, .chaiyujin: "flow.layers.\(layer(level, step))."
        case .pclucas: "layers.\(layer(level, step, size: 3))."
        case .normflows: "flows.\(levels - 1 - level).\(steps - 1 - step)."
        case .kamen: level == levels - 1 ? "flowstep.\(step)." : "flowlevels.\(level).flowsteps.\(step)."
        case .openai: "\(level)/\(step)/"
        }
    }

    private func actnorm(_ key: String, _ x: inout Volume) -> Double {
        let c = x.channels
        let shape = family == .pclucas ? [1, c, 1] : family == .openai ? [1, 1, 1, c] : [1, c, 1, 1]
        func affine(_ shift: [Double], _ scale: [Double]) -> Double {
            x = x.map { ($1 + shift[$0]) * scale[$0] }
            return scale.reduce(0) { $0 + log(abs($1)) }
        }
        switch family {
        case .rosinality:
            maker.keep(key + "actnorm.initialized", [], [1])
            let scale = maker.tensor(key + "actnorm.scale", shape, 0.2, around: 1).enumerated().map { $0 == 1 ? -$1 : $1 }
            maker.keep(key + "actnorm.scale", shape, scale)
            return affine(maker.tensor(key + "actnorm.loc", shape, 0.2), scale)
        case .kamen:
            maker.keep(key + "0.initialized", [], [1])
            let (bias, scale) = (maker.tensor(key + "0.bias", shape, 0.2), maker.tensor(key + "0.scale", shape, 0.2, around: 1))
            return affine(bias.map { -$0 }, scale.map { 1 / $0 })
        case .normflows:
            maker.keep(key + "flows.2.data_dep_init_done", [], [1])
            let (t, s) = (maker.tensor(key + "flows.2.t", shape, 0.2), maker.tensor(key + "flows.2.s", shape, 0.2))
            return affine(t.map { -$0 }, s.map { exp(-$0) })
        case .openai:
            let b = maker.tensor(key + "actnorm_center/b", shape, 0.2)
            return affine(b, maker.tensor(key + "actnorm_scale/logs", [1, 1, 1, c], 0.1).map { exp(3 * $0) })
        default:
            let name = family == .pclucas ? key : key + "actnorm."
            let b = maker.tensor(name + (family == .glowip || family == .pclucas ? "b" : "bias"), shape, 0.2)
            return affine(b, maker.tensor(name + "logs", shape, 0.2).map { exp($0) })
        }
    }

    private func mix(_ level: Int, _ step: Int, _ x: inout Volume) -> Double {
        let key = stepKey(level, step)
        let c = x.channels
        func plain(_ name: String, _ shape: [Int]? = nil, transposed: Bool = false) -> Double {
            var matrix = maker.matrix(name, c, shape: shape)
            if transposed { matrix = matrix.indices.map { matrix[$0 % c * c + $0 / c] } }
            x = x.mixed(matrix)
            return logAbsDeterminant(matrix, c)
        }
        func factors(_ name: String, _ keys: [String]) -> Double {
            let (y, logDeterminant) = maker.factors(
                x, p: name + keys[0], lower: name + keys[1], upper: name + keys[2], sign: name + keys[3], logs: name + keys[4])
            x = y
            return logDeterminant
        }
        switch family {
        case .glowip: return plain(key + "invconv.W", [c, c, 1, 1])
        case .rosinality, .dajin:
            if family == .rosinality, variant, level < levels - 1 { return plain(key + "invconv.weight", [c, c, 1, 1]) }
            for mask in ["u_mask", "l_mask", "l_eye"] { maker.tensor(key + "invconv." + mask, [c, c], 1) }
            return factors(key + "invconv.", ["w_p", "w_l", "w_u", "s_sign", "w_s"])
        case .y0ast:
            return variant ? factors(key + "invconv.", ["p", "lower", "upper", "sign_s", "log_s"]) : plain(key + "invconv.weight")
        case .chaiyujin: return variant ? factors(key + "invconv.", ["p", "l", "u", "sign_s", "log_s"]) : plain(key + "invconv.weight")
        case .pclucas:
            let name = "layers.\(layer(level, step, size: 3) + 1)."
            guard variant else { return plain(name + "weight", [c, c, 1, 1]) }
            let order = maker.permutation(c)
            maker.keep(name + "indices", [c], order.map(Double.init))
            maker.keep(name + "rev_indices", [c], (0 ..< c).map { index in Double(order.firstIndex(of: index) ?? 0) })
            x = x.permuted(order)
            return 0
        case .normflows:
            guard !variant else { return plain(key + "flows.1.W") }
            maker.tensor(key + "flows.1.eye", [c, c], 1)
            return factors(key + "flows.1.", ["P", "L", "U", "sign_S", "log_S"])
        case .kamen: return plain(key + "1.w")
        case .openai:
            guard variant else { return plain(key + "invconv/W", transposed: true) }
            x = x.permuted((0 ..< c).reversed())
            return 0
        }
    }

    // MARK: a network

    private func network(_ level: Int, _ step: Int, _ a: Volume) -> Volume {
        let key = stepKey(level, step)
        let outputs = (isAffine ? 2 : 1) * a.channels
        switch family {
        case .glowip:
            let net = key + "coupling.net."
            var h = a
            for (index, side) in [(1, 3), (2, 1)] {
                h = convolution(net + "conv\(index)", h, hidden, side: side)
                h = shiftAndScale(h, net + "actnorm\(index).b", net + "actnorm\(index).logs", [1, hidden, 1, 1]).relu
            }
            return scaled(convolution(net + "conv3", h, outputs), net + "logs", [outputs, 1, 1])
        case .rosinality, .dajin:
            let net = key + (family == .dajin ? "coupling.nets.0." : "coupling.net.")
            if family == .dajin { maker.tensor(key + "coupling.nets.1.0.weight", [1], 1) }
            let h = convolution(net + "2", convolution(net + "0", a, hidden).relu, hidden, side: 1).relu
            return scaled(convolution(net + "4.conv", h, outputs, pad: 1), net + "4.scale", [1, outputs, 1, 1])
        case .y0ast, .chaiyujin, .pclucas:
            let net = family == .pclucas ? "layers.\(layer(level, step, size: 3) + 2).NN." : key + (family == .y0ast ? "block." : "f.")
            let (conv, bias) = (family == .chaiyujin ? "" : ".conv", family == .pclucas ? "b" : "bias")
            let shape = family == .pclucas ? [1, hidden, 1] : [1, hidden, 1, 1]
            var h = a
            for (index, side) in [(0, 3), (2, 1)] {
                h = convolution("\(net)\(index)\(conv)", h, hidden, side: side, hasBias: false)
                h = shiftAndScale(h, "\(net)\(index).actnorm.\(bias)", "\(net)\(index).actnorm.logs", shape).relu
            }
            return scaled(convolution(net + "4" + (family == .y0ast ? ".conv" : ""), h, outputs), net + "4.logs", [outputs, 1, 1])
        case .normflows:
            let net = key + "flows.0.flows.1.param_map.net."
            guard variant else {
                return convolution(net + "4", convolution(net + "2", convolution(net + "0", a, hidden).relu, hidden, side: 1).relu, outputs)
            }
            var h = a
            for (index, side) in [(0, 3), (3, 1)] {
                h = convolution("\(net)\(index)", h, hidden, side: side)
                let scale = maker.tensor("\(net)\(index + 1).actNorm.s", [1, hidden, 1, 1], 0.2).map { exp($0) }
                let shift = maker.tensor("\(net)\(index + 1).actNorm.t", [1, hidden, 1, 1], 0.2)
                h = h.map { $1 * scale[$0] + shift[$0] }.relu
            }
            return convolution(net + "6", h, outputs)
        case .kamen:
            let net = key + "2."
            func normed(_ x: Volume, _ index: Int) -> Volume {
                let name = "\(net)actnorm\(index)."
                maker.keep(name + "initialized", [], [1])
                let bias = maker.tensor(name + "bias", [1, hidden, 1, 1], 0.2)
                let scale = maker.tensor(name + "scale", [1, hidden, 1, 1], 0.2, around: 1)
                return x.map { ($1 - bias[$0]) / scale[$0] }.relu
            }
            let first = normed(convolution(net + "conv1", a, hidden, hasBias: false), 1)
            // The pointwise convolution pads, so that its output has a ring, and the last one does not.
            let second = normed(
                first.padded(0).convolved(maker.tensor(net + "conv2.weight", [hidden, hidden, 1, 1], 0.5), side: 1, outputs: hidden), 2)
            let bias = maker.tensor(net + "conv3.bias", [outputs], 0.2)
            let last = second.convolved(maker.tensor(net + "conv3.weight", [outputs, hidden, 3, 3], 0.2), side: 3, outputs: outputs)
            return scaled(last.map { $1 + bias[$0] }, net + "log_scale_factor", [outputs, 1, 1], factor: 1)
        case .openai:
            let net = key + "f1/"
            var h = bordered(net + "l_1/W", a, hidden)
            h = shiftAndScale(h, net + "l_1/actnorm_center/b", net + "l_1/actnorm_scale/logs", [1, 1, 1, hidden], factor: 3).relu
            let square = maker.tensor(net + "l_2/W", [1, 1, hidden, hidden], 0.5)
            h = h.mixed(square.indices.map { square[$0 % hidden * hidden + $0 / hidden] })
            h = shiftAndScale(h, net + "l_2/actnorm_center/b", net + "l_2/actnorm_scale/logs", [1, 1, 1, hidden], factor: 3).relu
            let bias = maker.tensor(net + "l_last/b", [1, 1, 1, outputs], 0.2)
            return scaled(bordered(net + "l_last/W", h, outputs).map { $1 + bias[$0] }, net + "l_last/logs", [1, outputs])
        }
    }

    /// `{key}.weight`, and `{key}.bias`.
    private func convolution(_ key: String, _ x: Volume, _ outputs: Int, side: Int = 3, pad: Double = 0, hasBias: Bool = true) -> Volume {
        let weight = maker.tensor(key + ".weight", [outputs, x.channels, side, side], side == 3 ? 0.2 : 0.5)
        let y = (side == 3 ? x.padded(pad) : x).convolved(weight, side: side, outputs: outputs)
        guard hasBias else { return y }
        let bias = maker.tensor(key + ".bias", [outputs], 0.2)
        return y.map { $1 + bias[$0] }
    }

    private func shiftAndScale(_ x: Volume, _ shiftKey: String, _ logKey: String, _ shape: [Int], factor: Double = 1) -> Volume {
        let shift = maker.tensor(shiftKey, shape, 0.2)
        let logs = maker.tensor(logKey, shape, 0.1)
        return x.map { ($1 + shift[$0]) * exp(factor * logs[$0]) }
    }

    private func scaled(_ x: Volume, _ key: String, _ shape: [Int], factor: Double = 3) -> Volume {
        let logs = maker.tensor(key, shape, 0.1)
        return x.map { $1 * exp(factor * logs[$0]) }
    }

    /// (3, 3, inputs + 1, outputs), with a last input that is 1 outside of the image.
    private func bordered(_ key: String, _ x: Volume, _ outputs: Int) -> Volume {
        let inputs = x.channels + 1
        let kernel = maker.tensor(key, [3, 3, inputs, outputs], 0.2)
        var mark = Volume(channels: 1, height: x.height, width: x.width, values: .init(repeating: 0, count: x.pixels)).padded(1)
        mark = x.padded(0).followed(by: mark)
        let weight = (0 ..< outputs * inputs * 9).map { index in
            kernel[(index % 9 * inputs + index / 9 % inputs) * outputs + index / (9 * inputs)]
        }
        return mark.convolved(weight, side: 3, outputs: outputs)
    }

    // MARK: priors

    /// (v - mu) e^-ls and the logarithm of its determinant.
    private func whiten(_ level: Int, _ kept: Volume, _ sent: Volume) -> (Volume, Double) {
        guard let (mean, logs) = density(level, kept, sent) else { return (sent, 0) }
        return (sent.zipped(mean, -).zipped(logs) { $0 * exp(-$1) }, -logs.values.reduce(0, +))
    }

    private func density(_ level: Int, _ kept: Volume, _ sent: Volume) -> (Volume, Volume)? {
        let isLast = level == levels - 1
        let count = 2 * sent.channels
        // The prior of the last level is a convolution of zeros.
        func zeros(_ channels: Int) -> Volume { sent.map { _, _ in 0 }.permuted((0 ..< channels).map { $0 % sent.channels }) }
        switch family {
        case .glowip, .dajin: return nil
        case .rosinality:
            let key = "blocks.\(level).prior."
            let source = isLast ? zeros(sent.channels) : kept
            return scaled(convolution(key + "conv", source, count, pad: 1), key + "scale", [1, count, 1, 1]).halves
        case .y0ast, .chaiyujin, .pclucas:
            if isLast {
                let name =
                    ["y0ast": "learn_top_fn.conv", "chaiyujin": "learn_top"][family.rawValue]
                    ?? "layers.\(layer(level, steps, size: 3)).conv"
                let logs = family == .y0ast ? "learn_top_fn.logs" : name + ".logs"
                return scaled(convolution(name, zeros(count), count), logs, [count, 1, 1]).halves
            }
            let name = stepKeyOfSplit(level) + (family == .y0ast ? "conv." : "")
            let conv = family == .pclucas ? "conv_zero" : "conv"
            let logs = family == .y0ast ? name + "logs" : name + conv + ".logs"
            return scaled(convolution(name + conv, kept, count), logs, [count, 1, 1]).evenOdd
        case .normflows:
            guard hasBase else { return nil }
            let (c, key) = (sent.channels, "q0.\(levels - 1 - level).")
            let shape = variant ? [1, c, 1, 1] : [1, c, sent.height, sent.width]
            var (mean, logs) = (maker.tensor(key + "loc", shape, 0.2), maker.tensor(key + "log_scale", shape, 0.2))
            guard variant else {
                return (
                    Volume(channels: c, height: sent.height, width: sent.width, values: mean),
                    Volume(channels: c, height: sent.height, width: sent.width, values: logs)
                )
            }
            mean = zip(mean, maker.tensor(key + "loc_logs", shape, 0.1)).map { $0 * exp(3 * $1) }
            logs = zip(logs, maker.tensor(key + "log_scale_logs", shape, 0.1)).map { $0 * exp(3 * $1) }
            return (sent.map { c, _ in mean[c] }, sent.map { c, _ in logs[c] })
        case .kamen:
            let key = isLast ? "gaussianize." : "flowlevels.\(level).split.gaussianize."
            let source = isLast ? zeros(sent.channels) : kept
            return scaled(convolution(key + "net", source, count), key + "log_scale_factor", [count, 1, 1], factor: 1).evenOdd
        case .openai:
            let key = isLast ? "prior/p/" : "pool\(level)/conv/"
            let source = isLast ? zeros(count) : kept
            let y = bordered(key + "W", source, count)
            let bias = maker.tensor(key + "b", [1, 1, 1, count], 0.2)
            let output = scaled(y.map { $1 + bias[$0] }, key + "logs", [1, count])
            return isLast ? output.halves : output.evenOdd
        }
    }

    private func stepKeyOfSplit(_ level: Int) -> String {
        family == .pclucas ? "layers.\(layer(level, steps, size: 3))." : "flow.layers.\(layer(level, steps))."
    }
}

/// log|det| of a matrix near the identity, by elimination without pivots.
private func logAbsDeterminant(_ matrix: [Double], _ n: Int) -> Double {
    var work = matrix
    var sum = 0.0
    for column in 0 ..< n {
        let pivot = work[column * n + column]
        sum += log(abs(pivot))
        for row in column + 1 ..< n {
            let factor = work[row * n + column] / pivot
            for j in column ..< n { work[row * n + j] -= factor * work[column * n + j] }
        }
    }
    return sum
}

import GlowModel
import KernelInterface
import TestSupport

/// The map of `reglow-glow/2` with plain loops, in double precision: straight from the format's text.
struct ReferenceGlow {
    let shape: ImageShape
    private let architecture: GlowArchitecture
    private let levels: [[Step]]
    private let priors: [LevelPriorParameters?]

    /// One step with its M inverted.
    private struct Step {
        let parameters: FlowStepParameters
        let mixing, unmixing: ReferenceMatrix
        let logAbsDeterminant: Double
    }

    init(_ source: some GlowParameterSource, shape: ImageShape) throws {
        self.shape = shape
        architecture = source.architecture
        priors = try (0 ..< source.architecture.levels).map { try source.prior(level: $0) }
        levels = try source.architecture.steps.enumerated().map { level, steps in
            try (0 ..< steps).map { index in
                let step = try source.step(level: level, index: index)
                let matrix = ReferenceMatrix(order: step.shape.channels, elements: step[.mixingWeight].map(Double.init))
                return Step(
                    parameters: step, mixing: matrix, unmixing: matrix.inverse,
                    logAbsDeterminant: matrix.factorized.logAbsDeterminant)
            }
        }
    }

    /// Numbers (channel, row, column).
    private struct Volume<Number: ReferenceNumber> {
        let channels, height, width: Int
        var values: [Number]

        init(_ channels: Int, _ height: Int, _ width: Int, _ values: [Number]? = nil) {
            (self.channels, self.height, self.width) = (channels, height, width)
            self.values = values ?? [Number](repeating: Number(0), count: channels * height * width)
        }

        subscript(c: Int, i: Int, j: Int) -> Number {
            get { values[(c * height + i) * width + j] }
            set { values[(c * height + i) * width + j] = newValue }
        }

        func channels(_ range: Range<Int>) -> Volume {
            let pixels = height * width
            return Volume(range.count, height, width, Array(values[range.lowerBound * pixels ..< range.upperBound * pixels]))
        }

        func followed(by other: Volume) -> Volume {
            Volume(channels + other.channels, height, width, values + other.values)
        }

        /// y[4c + 2 dy + dx, i, j] = x[c, 2i + dy, 2j + dx]
        func squeezed(_ order: GlowVariant.SqueezeOrder) -> Volume {
            if order == .contiguous { return Volume(4 * channels, height / 2, width / 2, values) }
            var y = Volume(4 * channels, height / 2, width / 2)
            y.forEachIndex { y, k, i, j in y[k, i, j] = self[k / 4, 2 * i + k % 4 / 2, 2 * j + k % 2] }
            return y
        }

        func unsqueezed(_ order: GlowVariant.SqueezeOrder) -> Volume {
            if order == .contiguous { return Volume(channels / 4, 2 * height, 2 * width, values) }
            var x = Volume(channels / 4, 2 * height, 2 * width)
            x.forEachIndex { x, c, i, j in x[c, i, j] = self[4 * c + 2 * (i % 2) + j % 2, i / 2, j / 2] }
            return x
        }

        mutating func forEachIndex(_ body: (inout Volume, Int, Int, Int) -> Void) {
            for c in 0 ..< channels {
                for i in 0 ..< height {
                    for j in 0 ..< width { body(&self, c, i, j) }
                }
            }
        }

        /// Convolution with zero padding: weights (outputs, channels, size, size). A channel that is 1 outside and 0 inside comes
        /// besides, where it has a kernel (outputs, size, size).
        func convolved(_ weights: [Float], bias: [Float], size: Int, border: [Float]? = nil) -> Volume {
            var y = Volume(bias.count, height, width)
            y.forEachIndex { y, o, i, j in
                var sum = Number(Double(bias[o]))
                for c in 0 ..< channels {
                    for dy in 0 ..< size {
                        for dx in 0 ..< size {
                            let (row, column) = (i + dy - size / 2, j + dx - size / 2)
                            guard row >= 0, row < height, column >= 0, column < width else { continue }
                            let weight = weights[((o * channels + c) * size + dy) * size + dx]
                            sum = sum + Number(Double(weight)) * self[c, row, column]
                        }
                    }
                }
                for tap in 0 ..< size * size {
                    let (row, column) = (i + tap / size - size / 2, j + tap % size - size / 2)
                    guard row < 0 || row >= height || column < 0 || column >= width else { continue }
                    sum = sum + Number(Double(border?[o * size * size + tap] ?? 0))
                }
                y[o, i, j] = sum
            }
            return y
        }

        var rectified: Volume { Volume(channels, height, width, values.map(\.rectified)) }

        /// M x + m at every pixel.
        func mixed(_ matrix: ReferenceMatrix, adding m: [Double]) -> Volume {
            var y = self
            y.forEachIndex { y, row, i, j in
                y[row, i, j] = (0 ..< channels).reduce(Number(m[row])) { $0 + Number(matrix[row, $1]) * self[$1, i, j] }
            }
            return y
        }
    }

    private func network<Number>(_ step: FlowStepParameters, _ a: Volume<Number>) -> Volume<Number> {
        a.convolved(step[.net0Weight], bias: step[.net0Bias], size: 3, border: step[.net0Border]).rectified
            .convolved(step[.net1Weight], bias: step[.net1Bias], size: 1).rectified
            .convolved(step[.net2Weight], bias: step[.net2Bias], size: 3, border: step[.net2Border])
    }

    /// s of the raw scale r.
    private func scale<Number: ReferenceNumber>(_ step: FlowStepParameters, _ r: Number) -> Number {
        let sigmoid = (r + Number(2)).sigmoid
        let scale =
            switch architecture.variant.scaleMap {
            case .sigmoid: sigmoid
            case .exp: r.exponential
            case .inverseSigmoid: Number(1) / sigmoid
            case .expSigmoid: sigmoid.exponential
            }
        return scale + Number(Double(step[.scaleOffset]?[0] ?? 0))
    }

    /// mu and ls of a level's latent, by what it keeps.
    private func prior<Number>(level: Int, kept: Volume<Number>, sent: Volume<Number>) -> (mu: Volume<Number>, ls: Volume<Number>)? {
        guard let prior = priors[level] else { return nil }
        let outputs = 2 * sent.channels
        let both: Volume<Number>
        if let map = prior[.map] {
            both = Volume(outputs, sent.height, sent.width, map.map { Number(Double($0)) })
        } else {
            // At the last level nothing is kept: a convolution of no channels.
            let shape = Volume<Number>(kept.channels, sent.height, sent.width, kept.values)
            let zeros = [Float](repeating: 0, count: outputs)
            let weight = prior[.weight] ?? [Float](repeating: 0, count: outputs * kept.channels * 9)
            both = shape.convolved(weight, bias: prior[.bias] ?? zeros, size: 3, border: prior[.border])
        }
        return (both.channels(0 ..< sent.channels), both.channels(sent.channels ..< outputs))
    }

    /// The halves of a level: what it keeps and what it sends.
    private func split<Number>(_ x: Volume<Number>, level: Int) -> (kept: Volume<Number>, sent: Volume<Number>) {
        let half = x.channels / 2
        if level == levels.count - 1 { return (x.channels(0 ..< 0), x) }
        let (first, second) = (x.channels(0 ..< half), x.channels(half ..< 2 * half))
        return architecture.variant.split == .first ? (first, second) : (second, first)
    }

    /// x -> z, and log|det dz/dx|.
    func forward<Number: ReferenceNumber>(_ image: [Number]) -> (latent: [Number], logDeterminant: Number) {
        var x = Volume(shape.channels, shape.height, shape.width, image)
        var latent: [Number] = []
        var logDeterminant = Number(0)
        for (index, steps) in levels.enumerated() {
            x = x.squeezed(architecture.variant.squeeze(level: index))
            let half = x.channels / 2
            for step in steps {
                let u = x.mixed(step.mixing, adding: step.parameters[.mixingBias].map(Double.init))
                logDeterminant = logDeterminant + Number(Double(x.height * x.width) * step.logAbsDeterminant)
                let a = u.channels(0 ..< half)
                var b = u.channels(half ..< 2 * half)
                let h = network(step.parameters, a)
                b.forEachIndex { b, c, i, j in
                    guard architecture.coupling == .affine else {
                        b[c, i, j] = b[c, i, j] + h[c, i, j]
                        return
                    }
                    let s = scale(step.parameters, h[half + c, i, j])
                    let isShiftFirst = architecture.variant.affineOrder == .shiftFirst
                    b[c, i, j] = isShiftFirst ? (b[c, i, j] + h[c, i, j]) * s : b[c, i, j] * s + h[c, i, j]
                    logDeterminant = logDeterminant + s.logarithm
                }
                x = a.followed(by: b)
            }
            var (kept, sent) = split(x, level: index)
            if let (mu, ls) = prior(level: index, kept: kept, sent: sent) {
                sent.forEachIndex { v, c, i, j in
                    v[c, i, j] = (v[c, i, j] - mu[c, i, j]) / ls[c, i, j].exponential
                    logDeterminant = logDeterminant - ls[c, i, j]
                }
            }
            latent += sent.values
            x = kept
        }
        return (latent, logDeterminant)
    }

    /// z -> x
    func inverse<Number: ReferenceNumber>(_ latent: [Number]) -> [Number] {
        var sizes: [(channels: Int, height: Int, width: Int)] = []
        var (channels, height, width) = (shape.channels, shape.height, shape.width)
        for _ in levels {
            (channels, height, width) = (4 * channels, height / 2, width / 2)
            sizes.append((channels, height, width))
            channels /= 2
        }
        var end = latent.count
        var x = Volume<Number>(0, 0, 0)
        for (index, (steps, size)) in zip(levels, sizes).enumerated().reversed() {
            let half = size.channels / 2
            let isLast = index == levels.count - 1
            let count = (isLast ? size.channels : half) * size.height * size.width
            var sent = Volume(count / (size.height * size.width), size.height, size.width, Array(latent[end - count ..< end]))
            end -= count
            let kept = isLast ? Volume(0, size.height, size.width) : x
            if let (mu, ls) = prior(level: index, kept: kept, sent: sent) {
                sent.forEachIndex { z, c, i, j in z[c, i, j] = mu[c, i, j] + z[c, i, j] * ls[c, i, j].exponential }
            }
            x = isLast ? sent : architecture.variant.split == .first ? kept.followed(by: sent) : sent.followed(by: kept)
            for step in steps.reversed() {
                let a = x.channels(0 ..< half)
                var b = x.channels(half ..< 2 * half)
                let h = network(step.parameters, a)
                b.forEachIndex { b, c, i, j in
                    guard architecture.coupling == .affine else {
                        b[c, i, j] = b[c, i, j] - h[c, i, j]
                        return
                    }
                    let s = scale(step.parameters, h[half + c, i, j])
                    let isShiftFirst = architecture.variant.affineOrder == .shiftFirst
                    b[c, i, j] = isShiftFirst ? b[c, i, j] / s - h[c, i, j] : (b[c, i, j] - h[c, i, j]) / s
                }
                let m = step.unmixing * step.parameters[.mixingBias].map(Double.init)
                x = a.followed(by: b).mixed(step.unmixing, adding: m.map { -$0 })
            }
            x = x.unsqueezed(architecture.variant.squeeze(level: index))
        }
        return x.values
    }
}

extension ReferenceGlow {
    /// Column j is the derivative in the direction of number j of the image: exact, by dual numbers.
    func forwardJacobian(_ image: [Double]) -> (jacobian: ReferenceMatrix, logDeterminantGradient: [Double]) {
        let columns = image.indices.map { forward(Self.dual(image, along: $0)) }
        return (
            ReferenceMatrix(columns: columns.map { $0.latent.map(\.derivative) }), columns.map(\.logDeterminant.derivative)
        )
    }

    func inverseJacobian(_ latent: [Double]) -> ReferenceMatrix {
        ReferenceMatrix(columns: latent.indices.map { inverse(Self.dual(latent, along: $0)).map(\.derivative) })
    }

    private static func dual(_ values: [Double], along direction: Int) -> [Dual] {
        values.indices.map { Dual(values[$0], $0 == direction ? 1 : 0) }
    }
}

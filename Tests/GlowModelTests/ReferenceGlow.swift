import GlowModel
import KernelInterface
import TestSupport

/// The map of `reglow-glow/1` with plain loops, in double precision: straight from the format's text.
struct ReferenceGlow {
    let shape: ImageShape
    private let coupling: GlowArchitecture.Coupling
    private let levels: [[Step]]

    /// One step with its M inverted.
    private struct Step {
        let parameters: FlowStepParameters
        let mixing, unmixing: ReferenceMatrix
        let logAbsDeterminant: Double
    }

    init(_ source: some GlowParameterSource, shape: ImageShape) throws {
        self.shape = shape
        coupling = source.architecture.coupling
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
        var squeezed: Volume {
            var y = Volume(4 * channels, height / 2, width / 2)
            y.forEachIndex { y, k, i, j in y[k, i, j] = self[k / 4, 2 * i + k % 4 / 2, 2 * j + k % 2] }
            return y
        }

        var unsqueezed: Volume {
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

        /// Convolution with zero padding: weights (outputs, channels, size, size).
        func convolved(_ weights: [Float], bias: [Float], size: Int) -> Volume {
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
        a.convolved(step[.net0Weight], bias: step[.net0Bias], size: 3).rectified
            .convolved(step[.net1Weight], bias: step[.net1Bias], size: 1).rectified
            .convolved(step[.net2Weight], bias: step[.net2Bias], size: 3)
    }

    /// x -> z, and log|det dz/dx|.
    func forward<Number: ReferenceNumber>(_ image: [Number]) -> (latent: [Number], logDeterminant: Number) {
        var x = Volume(shape.channels, shape.height, shape.width, image)
        var latent: [Number] = []
        var logDeterminant = Number(0)
        for (index, steps) in levels.enumerated() {
            x = x.squeezed
            let half = x.channels / 2
            for step in steps {
                let u = x.mixed(step.mixing, adding: step.parameters[.mixingBias].map(Double.init))
                logDeterminant = logDeterminant + Number(Double(x.height * x.width) * step.logAbsDeterminant)
                let a = u.channels(0 ..< half)
                var b = u.channels(half ..< 2 * half)
                let h = network(step.parameters, a)
                b.forEachIndex { b, c, i, j in
                    switch coupling {
                    case .additive:
                        b[c, i, j] = b[c, i, j] + h[c, i, j]
                    case .affine:
                        let s = (h[half + c, i, j] + Number(2)).sigmoid
                        b[c, i, j] = (b[c, i, j] + h[c, i, j]) * s
                        logDeterminant = logDeterminant + s.logarithm
                    }
                }
                x = a.followed(by: b)
            }
            if index < levels.count - 1 {
                latent += x.channels(half ..< 2 * half).values
                x = x.channels(0 ..< half)
            }
        }
        return (latent + x.values, logDeterminant)
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
        var kept: Volume<Number>?
        for (steps, size) in zip(levels, sizes).reversed() {
            let half = size.channels / 2
            let count = (kept == nil ? size.channels : half) * size.height * size.width
            let sent = Volume(count / (size.height * size.width), size.height, size.width, Array(latent[end - count ..< end]))
            end -= count
            var x = kept?.followed(by: sent) ?? sent
            for step in steps.reversed() {
                let a = x.channels(0 ..< half)
                var b = x.channels(half ..< 2 * half)
                let h = network(step.parameters, a)
                b.forEachIndex { b, c, i, j in
                    switch coupling {
                    case .additive: b[c, i, j] = b[c, i, j] - h[c, i, j]
                    case .affine: b[c, i, j] = b[c, i, j] / (h[half + c, i, j] + Number(2)).sigmoid - h[c, i, j]
                    }
                }
                let m = step.unmixing * step.parameters[.mixingBias].map(Double.init)
                x = a.followed(by: b).mixed(step.unmixing, adding: m.map { -$0 })
            }
            kept = x.unsqueezed
        }
        return kept?.values ?? []
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

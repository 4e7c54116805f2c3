import Glibc

/// Planes of numbers, (channel, row, column), with the layers of the families as their codes have them: one at a time, nothing folded.
package struct Volume {
    package var channels: Int
    package var height: Int
    package var width: Int
    package var values: [Double]

    package init(channels: Int, height: Int, width: Int, values: [Double]) {
        (self.channels, self.height, self.width, self.values) = (channels, height, width, values)
    }

    var pixels: Int { height * width }

    subscript(channels range: Range<Int>) -> Volume {
        Volume(
            channels: range.count, height: height, width: width,
            values: Array(values[range.lowerBound * pixels ..< range.upperBound * pixels]))
    }

    var halves: (Volume, Volume) { (self[channels: 0 ..< channels / 2], self[channels: channels / 2 ..< channels]) }

    func followed(by other: Volume) -> Volume {
        Volume(channels: channels + other.channels, height: height, width: width, values: values + other.values)
    }

    func map(_ body: (_ channel: Int, _ value: Double) -> Double) -> Volume {
        var result = self
        for index in values.indices { result.values[index] = body(index / pixels, values[index]) }
        return result
    }

    func zipped(_ other: Volume, _ body: (Double, Double) -> Double) -> Volume {
        Volume(channels: channels, height: height, width: width, values: zip(values, other.values).map(body))
    }

    var relu: Volume { map { max(0, $1) } }

    /// Even channels and odd ones.
    var evenOdd: (Volume, Volume) {
        func every(_ first: Int) -> Volume {
            stride(from: first + 2, to: channels, by: 2).reduce(self[channels: first ..< first + 1]) {
                $0.followed(by: self[channels: $1 ..< $1 + 1])
            }
        }
        return (every(0), every(1))
    }

    /// Channel o is channel `order[o]`.
    func permuted(_ order: [Int]) -> Volume {
        order.dropFirst().reduce(self[channels: order[0] ..< order[0] + 1]) { $0.followed(by: self[channels: $1 ..< $1 + 1]) }
    }

    func mixed(_ matrix: [Double]) -> Volume {
        var result = map { _, _ in 0 }
        for o in 0 ..< channels {
            for i in 0 ..< channels {
                for p in 0 ..< pixels { result.values[o * pixels + p] += matrix[o * channels + i] * values[i * pixels + p] }
            }
        }
        return result
    }

    /// A ring of pixels around it.
    func padded(_ value: Double) -> Volume {
        var result = Volume(channels: channels, height: height + 2, width: width + 2, values: [])
        result.values = [Double](repeating: value, count: channels * result.pixels)
        for c in 0 ..< channels {
            for i in 0 ..< height {
                for j in 0 ..< width {
                    result.values[(c * result.height + i + 1) * result.width + j + 1] = values[(c * height + i) * width + j]
                }
            }
        }
        return result
    }

    /// (outputs, inputs, side, side), without padding.
    func convolved(_ weight: [Double], side: Int, outputs: Int) -> Volume {
        var result = Volume(channels: outputs, height: height - side + 1, width: width - side + 1, values: [])
        result.values = [Double](repeating: 0, count: outputs * result.pixels)
        for o in 0 ..< outputs {
            for i in 0 ..< result.height {
                for j in 0 ..< result.width {
                    var sum = 0.0
                    for c in 0 ..< channels {
                        for dy in 0 ..< side {
                            for dx in 0 ..< side {
                                sum += weight[((o * channels + c) * side + dy) * side + dx] * values[(c * height + i + dy) * width + j + dx]
                            }
                        }
                    }
                    result.values[(o * result.height + i) * result.width + j] = sum
                }
            }
        }
        return result
    }

    var squeezed: Volume {
        var result = Volume(channels: 4 * channels, height: height / 2, width: width / 2, values: values)
        for c in 0 ..< 4 * channels {
            for i in 0 ..< height / 2 {
                for j in 0 ..< width / 2 {
                    result.values[(c * (height / 2) + i) * (width / 2) + j] =
                        values[(c / 4 * height + 2 * i + c % 4 / 2) * width + 2 * j + c % 2]
                }
            }
        }
        return result
    }

    /// The same numbers in memory order.
    var reshaped: Volume { Volume(channels: 4 * channels, height: height / 2, width: width / 2, values: values) }
}

func sigmoid(_ value: Double) -> Double { 1 / (1 + exp(-value)) }

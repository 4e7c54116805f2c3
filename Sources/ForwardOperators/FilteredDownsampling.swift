import KernelInterface

/// Super-resolution by a filter that may be wider than its step: filtered along rows and columns, then every s-th pixel,
///
///     (A x)[c, i, j] = sum over a, b of w[a] w[b] x[c, s i + a - m, s j + b - m],    m = (extent of w - s) / 2
///
/// with the weights w of a `SamplingFilter` and x outside of the image as `border` says. With an unknown border only those i and j are
/// measured for which the sum reads nothing outside of the image: as many as fit, in the middle, counted from 0. Their number is then
/// (side - extent of w) / s + 1, rounded down; else it is side / s.
///
/// A = V H, with H along the rows; A' = H' V', with the same weights.
package struct FilteredDownsampling: ChannelwiseOperator {
    /// Channels, height and width of x.
    package let imageShape: ImageShape
    /// Channels, height and width of y.
    package let measurementShape: ImageShape
    /// s, the step between the pixels that are kept.
    package let factor: Int
    /// The weights w.
    package let filter: SamplingFilter
    /// What lies beyond the edges of x.
    package let border: Border
    /// Whether no weight is negative.
    package let isNonnegative: Bool

    private let rows, columns: SamplingAxis
    private let scratch: ScratchPool<AlignedBuffer<Float>>

    /// - Throws: `OperatorError` when the border is unknown and the filter longer than a side of the image, when it is another one and
    ///   `factor` does not divide the sides, or when the filter or the shape is unusable.
    package init(imageShape: ImageShape, factor: Int, filter: SamplingFilter, border: Border = .unknown) throws {
        self.imageShape = try imageShape.requireUsable()
        let (height, width) = (imageShape.height, imageShape.width)
        let extent = try filter.extent(factor: factor)
        if border == .unknown {
            guard extent <= height, extent <= width else {
                throw OperatorError.filterExceedsImage(extent: extent, image: imageShape)
            }
        } else if !height.isMultiple(of: factor) || !width.isMultiple(of: factor) {
            throw OperatorError.factorDoesNotDivide(factor, image: imageShape)
        }
        let weights = try filter.weights(factor: factor)
        (self.factor, self.filter, self.border) = (factor, filter, border)
        isNonnegative = weights.allSatisfy { $0 >= 0 }
        rows = SamplingAxis(length: height, factor: factor, weights: weights, border: border)
        columns = SamplingAxis(length: width, factor: factor, weights: weights, border: border)
        measurementShape = ImageShape(channels: imageShape.channels, height: rows.count, width: columns.count)
        let between = height * columns.count
        scratch = ScratchPool { AlignedBuffer(count: between) }
    }

    /// Writes A x, `measurementShape.count` numbers.
    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, channel: Int) {
        let (height, width, count) = (imageShape.height, imageShape.width, measurementShape.width)
        scratch.borrow { between in
            let plane = image + channel * imageShape.pixels
            for row in 0 ..< height {
                columns.forEach { output, source, weight in
                    between.base[row * count + output] += weight * plane[row * width + source]
                } beginning: { output in
                    between.base[row * count + output] = 0
                }
            }
            let result = measurement + channel * measurementShape.pixels
            rows.forEach { output, source, weight in
                let (from, to) = (between.base + source * count, result + output * count)
                for column in 0 ..< count { to[column] += weight * from[column] }
            } beginning: { output in
                (result + output * count).update(repeating: 0, count: count)
            }
        }
    }

    /// Writes A' y, `imageShape.count` numbers.
    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, channel: Int) {
        let (height, width, count) = (imageShape.height, imageShape.width, measurementShape.width)
        scratch.borrow { between in
            let values = measurement + channel * measurementShape.pixels
            between.base.update(repeating: 0, count: between.count)
            rows.forEach { output, source, weight in
                let (from, to) = (values + output * count, between.base + source * count)
                for column in 0 ..< count { to[column] += weight * from[column] }
            } beginning: { _ in
            }
            let plane = image + channel * imageShape.pixels
            plane.update(repeating: 0, count: imageShape.pixels)
            for row in 0 ..< height {
                columns.forEach { output, source, weight in
                    plane[row * width + source] += weight * between.base[row * count + output]
                } beginning: { _ in
                }
            }
        }
    }
}

/// Which numbers of a line each of its samples is the weighted sum of.
private struct SamplingAxis: Sendable {
    /// How many samples.
    let count: Int
    private let extent: Int
    /// The sources and weights of sample i stand from i * extent on; a weight of 0 where there is nothing.
    private let sources: [Int32]
    private let weights: [Float]

    init(length: Int, factor: Int, weights: [Double], border: Border) {
        extent = weights.count
        let isWindow = border == .unknown
        count = isWindow ? (length - extent) / factor + 1 : length / factor
        let start = isWindow ? (length - extent) % factor / 2 : (factor - extent) / 2
        var (sources, entries): ([Int32], [Float]) = ([], [])
        for sample in 0 ..< count {
            for (offset, weight) in weights.enumerated() {
                let source = border.source(of: start + sample * factor + offset, length: length)
                sources.append(Int32(source ?? 0))
                entries.append(source == nil ? 0 : Float(weight))
            }
        }
        (self.sources, self.weights) = (sources, entries)
    }

    /// Calls `beginning` for each sample, and then `body` for each number that it reads.
    @inline(__always)
    func forEach(_ body: (_ output: Int, _ source: Int, _ weight: Float) -> Void, beginning: (_ output: Int) -> Void) {
        sources.withUnsafeBufferPointer { sources in
            weights.withUnsafeBufferPointer { weights in
                for output in 0 ..< count {
                    beginning(output)
                    for index in output * extent ..< (output + 1) * extent { body(output, Int(sources[index]), weights[index]) }
                }
            }
        }
    }
}

extension Border {
    /// The position from 0 to `length` - 1 whose value stands at any position of the line, nil where that is 0. With an unknown border
    /// there is nothing outside of the line to ask for.
    func source(of position: Int, length: Int) -> Int? {
        if (0 ..< length).contains(position) { return position }
        switch self {
        case .zero, .unknown: return nil
        case .replicate: return position < 0 ? 0 : length - 1
        case .periodic:
            let rest = position % length
            return rest < 0 ? rest + length : rest
        case .reflect: return Self.reflected(position, length: length)
        }
    }

    /// The position from 0 to `length` - 1 that stands at any position of a line which is mirrored at both ends, again and again.
    package static func reflected(_ position: Int, length: Int) -> Int {
        let rest = position % (2 * length)
        let folded = rest < 0 ? rest + 2 * length : rest
        return folded < length ? folded : 2 * length - 1 - folded
    }
}

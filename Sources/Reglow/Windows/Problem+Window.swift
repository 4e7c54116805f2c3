import ForwardOperators
import KernelInterface

/// What windows need to know of a problem.
extension Problem {
    /// Pixels of the image to an entry of the measurement, each way; nil for a measurement that is no image.
    var windowScale: Int? {
        switch self {
        case .denoise, .deblur, .inpaint: 1
        case .superresolve(let scale, _, _): scale
        case .compressive, .linear: nil
        }
    }

    /// How many pixels of the image away from its place an entry of the measurement reads, at most.
    var reach: Int {
        switch self {
        case .deblur(let pointSpread, _): max(pointSpread.height, pointSpread.width) / 2
        case .superresolve(let scale, let filter, _): (((try? filter.extent(factor: scale)) ?? scale) - scale) / 2
        case .denoise, .inpaint, .compressive, .linear: 0
        }
    }

    /// The work of a solve over that of denoising an image of the same size, about, as `perf/docs/scale.md` has it measured: for dividing work, not
    /// for predicting it.
    var relativeWork: Double {
        switch self {
        case .denoise: 1
        case .deblur: 3.5
        case .superresolve, .inpaint, .linear: 6.5
        case .compressive: 10.5
        }
    }

    var isDenoising: Bool {
        if case .denoise = self { true } else { false }
    }

    /// Whether an entry of the measurement is a pixel of the image and its noise.
    var measuresPixels: Bool {
        switch self {
        case .denoise, .inpaint: true
        case .deblur, .superresolve, .compressive, .linear: false
        }
    }

    /// Whether what lies behind one edge of the picture is what lies at the opposite one.
    var wraps: Bool {
        switch self {
        case .deblur(_, .periodic): true
        case .superresolve(_, let filter, .periodic): filter != .mean
        default: false
        }
    }

    /// Which pixels of the picture are known where the problem itself leaves some out; nil where it leaves none.
    ///
    /// - Throws: `OperatorError` or `ProblemError` when the problem cannot be posed for this size.
    func knownPixels(_ size: ImageSize, seed: UInt64) throws -> [Bool]? {
        guard case .inpaint = self else { return nil }
        let shape = ImageShape(channels: 1, height: size.height, width: size.width)
        return (try forwardOperator(imageShape: shape, seed: seed, parallelism: Parallelism(threads: 1)) as? Mask)?.keep
    }
}

extension Array {
    /// The rows and columns of a planar array of `channels` planes of this size. What lies outside is what lies at the opposite side.
    func cut(rows: Range<Int>, columns: Range<Int>, from size: Problem.ImageSize, channels: Int) -> [Element] {
        var result: [Element] = []
        result.reserveCapacity(channels * rows.count * columns.count)
        let inside = columns.lowerBound >= 0 && columns.upperBound <= size.width
        for channel in 0 ..< channels {
            for row in rows {
                let start = (channel * size.height + (row + size.height) % size.height) * size.width
                if inside {
                    result += self[start + columns.lowerBound ..< start + columns.upperBound]
                } else {
                    result += columns.map { self[start + ($0 + size.width) % size.width] }
                }
            }
        }
        return result
    }
}

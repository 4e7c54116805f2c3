import ForwardOperators
import KernelInterface
import TestSupport
import Testing

/// w of a filter, from its definition in Double; the distance is in pixels of the image.
private func weight(_ filter: SamplingFilter, _ distance: Double, _ factor: Double) -> Double {
    let t = abs(distance) / factor
    func sinc(_ t: Double) -> Double { t == 0 ? 1 : sine(.pi * t) / (.pi * t) }
    switch filter {
    case .mean: return t < 0.5 ? 1 : 0
    case .triangle: return max(0, 1 - t)
    case .bicubic:
        if t < 1 { return 1.5 * t * t * t - 2.5 * t * t + 1 }
        return t < 2 ? -0.5 * t * t * t + 2.5 * t * t - 4 * t + 2 : 0
    case .lanczos3: return t < 3 ? sinc(t) * sinc(t / 3) : 0
    case .gaussian(let sigma): return abs(distance) <= max(4 * sigma, 0.5) ? power(-distance * distance / (2 * sigma * sigma)) : 0
    }
}

/// Sine by its series, after taking off whole turns.
private func sine(_ x: Double) -> Double {
    let turn = x - (x / (2 * .pi)).rounded() * 2 * .pi
    var (term, sum) = (turn, turn)
    for k in 1 ... 20 {
        term *= -turn * turn / Double(2 * k * (2 * k + 1))
        sum += term
    }
    return sum
}

/// e^x by its series, of x / 64, squared six times.
private func power(_ x: Double) -> Double {
    var (term, sum) = (1.0, 1.0)
    for k in 1 ... 20 {
        term *= x / 64 / Double(k)
        sum += term
    }
    for _ in 0 ..< 6 { sum *= sum }
    return sum
}

/// The definition in Double: each measured pixel is a sum over all positions of a plane that goes on without end.
private func sampled(
    _ image: [Double], _ shape: ImageShape, _ filter: SamplingFilter, _ factor: Int, _ border: Border, _ output: ImageShape
) -> [Double] {
    let reach = 40
    let middle = Double(factor - 1) / 2
    let weights = (-reach ... reach + factor).map { weight(filter, Double($0) - middle, Double(factor)) }
    let total = weights.reduce(0, +)
    // The first sample of a window: as many samples as fit, in the middle.
    func first(_ length: Int, _ count: Int) -> Int { (length - factor * count) / 2 }
    let isWindow = border == .unknown
    let (top, left) = isWindow ? (first(shape.height, output.height), first(shape.width, output.width)) : (0, 0)
    var result = [Double](repeating: 0, count: output.count)
    for c in 0 ..< output.channels {
        for i in 0 ..< output.height {
            for j in 0 ..< output.width {
                var sum = 0.0
                for (a, down) in weights.enumerated() where down != 0 {
                    for (b, across) in weights.enumerated() where across != 0 {
                        guard let row = borderSource(top + factor * i + a - reach, shape.height, border),
                            let column = borderSource(left + factor * j + b - reach, shape.width, border)
                        else { continue }
                        sum += down * across * image[(c * shape.height + row) * shape.width + column]
                    }
                }
                result[(c * output.height + i) * output.width + j] = sum / (total * total)
            }
        }
    }
    return result
}

@Suite struct FilteredDownsamplingTests {
    static let filters: [SamplingFilter] = [.mean, .triangle, .bicubic, .lanczos3, .gaussian(sigma: 0.8), .gaussian(sigma: 0.05)]

    @Test(arguments: filters, [1, 2, 3])
    func matchesThePlainSum(filter: SamplingFilter, factor: Int) throws {
        for border in Border.allCases {
            let size = border == .unknown ? shape(2, 19, 21) : shape(2, 2 * factor, 3 * factor)
            let a = try FilteredDownsampling(imageShape: size, factor: factor, filter: filter, border: border)
            expectMatches(a) { sampled($0, size, filter, factor, border, a.measurementShape) }
            #expect(a.isNonnegative == (filter != .bicubic && filter != .lanczos3 || factor == 1))
        }
    }

    @Test(arguments: filters)
    func theMeanIsThatOfDownsampling(filter: SamplingFilter) throws {
        let size = shape(1, 24, 24)
        let mean = try Downsampling(imageShape: size, factor: 2)
        let filtered = try FilteredDownsampling(imageShape: size, factor: 2, filter: filter, border: .periodic)
        let image = uniformNumbers(size.count, seed: 3)
        let gap = largestGap(try filtered.apply(image), try mean.apply(image).map(Double.init))
        // A Gaussian far narrower than a pixel reads the four pixels around the middle of a block, which are the block.
        #expect((gap < 1e-6) == (filter == .mean || filter == .gaussian(sigma: 0.05)))
    }

    /// Numbers of Pillow 12, `Image.resize` of a row of 24 pixels in mode F, where the filter lies within the row.
    @Test(
        arguments: [
            (2, SamplingFilter.triangle, [28.5, 70.75, 43.125, 55.25, 49.25, 42.625, 50.25, 21.25]),
            (2, .bicubic, [20.6016, 77.3008, 39.3984, 56.9492, 49.3086, 41.2891, 53.6836, 13.8672]),
            (2, .lanczos3, [77.3429, 41.0076, 56.0118, 47.6594, 43.4578, 53.6636]),
            (3, .triangle, [59.8889, 50.5556, 48.0, 45.8889]), (3, .bicubic, [59.1728, 49.9506, 47.4321, 45.1358]),
            (3, .lanczos3, [50.0156, 48.9169]),
        ] as [(Int, SamplingFilter, [Double])])
    func agreesWithPillow(factor: Int, filter: SamplingFilter, expected: [Double]) throws {
        let row: [Float] = [47, 51, 75, 95, 3, 14, 82, 94, 24, 31, 86, 42, 27, 82, 25, 40, 64, 54, 8, 2, 86, 75, 83, 53]
        let image = (0 ..< 24).flatMap { _ in row }
        let a = try FilteredDownsampling(imageShape: shape(1, 24, 24), factor: factor, filter: filter, border: .replicate)
        let count = 24 / factor
        let first = (count - expected.count) / 2
        let found = Array(try a.apply(image)[first ..< first + expected.count])
        #expect(largestGap(found, expected) < 1e-3)
    }

    @Test(arguments: filters, [2, 3, 4])
    func aWindowIsTheMiddleOfWhatALargerImageGives(filter: SamplingFilter, factor: Int) throws {
        let size = shape(1, 12 * factor, 12 * factor)
        let image = uniformNumbers(size.count, seed: 4)
        let all = try FilteredDownsampling(imageShape: size, factor: factor, filter: filter, border: .zero)
        let extent = try filter.extent(factor: factor)
        // From a scene that begins where the filter of the pixel (3, 4) does.
        let margin = (extent - factor) / 2
        let scene = try Cropping(
            canvas: size, top: 3 * factor - margin, left: 4 * factor - margin, height: 2 * factor + extent, width: 3 * factor + extent)
        let window = try FilteredDownsampling(imageShape: scene.measurementShape, factor: factor, filter: filter)
        #expect(window.measurementShape == shape(1, 3, 4))
        let measured = try window.apply(try scene.apply(image))
        let whole = try all.apply(image)
        for row in 0 ..< 3 {
            for column in 0 ..< 4 { #expect(abs(measured[row * 4 + column] - whole[(3 + row) * 12 + 4 + column]) < 1e-6) }
        }
    }

    @Test func refusesWhatItCannotSample() {
        #expect(throws: OperatorError.filterExceedsImage(extent: 8, image: shape(1, 7, 20))) {
            try FilteredDownsampling(imageShape: shape(1, 7, 20), factor: 2, filter: .bicubic)
        }
        #expect(throws: OperatorError.factorDoesNotDivide(2, image: shape(1, 7, 20))) {
            try FilteredDownsampling(imageShape: shape(1, 7, 20), factor: 2, filter: .bicubic, border: .reflect)
        }
        for factor in [0, -1, Int.max] {
            #expect(throws: OperatorError.self) {
                try FilteredDownsampling(imageShape: shape(1, 8, 8), factor: factor, filter: .bicubic)
            }
        }
        for sigma in [0, -1, Double.nan, .infinity, 1e6] {
            #expect(throws: OperatorError.self) {
                try FilteredDownsampling(imageShape: shape(1, 8, 8), factor: 1, filter: .gaussian(sigma: sigma))
            }
        }
    }
}

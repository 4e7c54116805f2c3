import Imaging
import InverseSolvers
import KernelInterface

/// The draws of all chains of one image, and what is made of them.
///
/// The chains are those of one density, or of several views in turn, such as the image and its mirror image. Draws of all views are as
/// many, and count alike; whether chains agree is asked within each view.
package struct PosteriorDraws {
    private let shape: ImageShape
    private let chainsOfView: Int
    /// The pixels of each draw of each chain.
    private var images: [[[Float]]]
    private var logDensities: [[Double]]
    /// The mean of each view.
    private var controlled: [ControlledMean]

    /// Pixels and blocks to each side by which the chains are judged.
    private static let judgedPixels = 64
    private static let judgedBlocks = 4

    /// - Parameter views: how many there are; the first chains are of the first.
    package init(shape: ImageShape, chains: Int, views: Int) {
        self.shape = shape
        chainsOfView = chains / views
        images = [[[Float]]](repeating: [], count: chains)
        logDensities = [[Double]](repeating: [], count: chains)
        controlled = [ControlledMean](repeating: ControlledMean(count: shape.count), count: views)
    }

    /// - Parameter deflected: the pixels of x - C grad U(x), which have the same mean (`PosteriorDraw.deflection`).
    package mutating func add(_ pixels: [Float], deflected: [Float], logDensity: Double, chain: Int) {
        images[chain].append(pixels)
        controlled[chain / chainsOfView].add(pixels, deflected: deflected)
        logDensities[chain].append(logDensity)
    }

    private var all: [[Float]] { images.flatMap { $0 } }

    func samples() throws -> [Image] { try all.map { try Image(shape: shape, pixels: $0) } }

    /// The mean by its control variate, and the standard deviation of the draws at each pixel.
    package func moments() throws -> (mean: Image, deviation: Image) {
        let (draws, average) = (all, Self.mean(controlled.map(\.average)))
        var squares = [Double](repeating: 0, count: shape.count)
        for draw in draws {
            for index in draw.indices {
                let difference = Double(draw[index]) - average[index]
                squares[index] += difference * difference
            }
        }
        let deviation = squares.map { Float(($0 / Double(max(1, draws.count - 1))).squareRoot()) }
        let mean = Self.mean(controlled.map(\.mean)).map { Float($0) }
        return (try Image(shape: shape, pixels: mean), try Image(shape: shape, pixels: deviation))
    }

    private static func mean(_ means: [[Double]]) -> [Double] {
        means.dropFirst().reduce(means[0]) { sums, mean in zip(sums, mean).map(+) }.map { $0 / Double(means.count) }
    }

    /// The quantile of each level at each pixel, linear between the draws in their order.
    func quantiles(_ levels: [Double], _ parallelism: Parallelism) throws -> [PosteriorEstimate.Quantile] {
        guard !levels.isEmpty else { return [] }
        let (draws, count) = (all, shape.count)
        let last = Double(draws.count - 1)
        var values = [Float](repeating: 0, count: levels.count * count)
        values.withUnsafeMutableBufferPointer { values in
            parallelism.forEach((count + Self.block - 1) / Self.block) { task, _ in
                var sorted = [Float](repeating: 0, count: draws.count)
                for index in task * Self.block ..< min(count, (task + 1) * Self.block) {
                    for (number, draw) in draws.enumerated() { sorted[number] = draw[index] }
                    sorted.sort()
                    for (number, level) in levels.enumerated() {
                        let place = level * last
                        let (below, above) = (Int(place.rounded(.down)), Int(place.rounded(.up)))
                        let part = Float(place - Double(below))
                        values[number * count + index] = sorted[below] + part * (sorted[above] - sorted[below])
                    }
                }
            }
        }
        return try levels.enumerated().map { number, level in
            PosteriorEstimate.Quantile(
                level: level, image: try Image(shape: shape, pixels: Array(values[number * count ..< (number + 1) * count])))
        }
    }

    /// Pixels of a task.
    private static let block = 1 << 10

    /// The statistics of the numbers by which chains of a view are judged: first the logarithm of the density, then blocks, then pixels.
    private func statistics(of chains: Range<Int>) -> [ChainStatistics] {
        let images = images[chains]
        var statistics = [ChainStatistics(Array(logDensities[chains]))]
        for channel in 0 ..< shape.channels {
            for block in 0 ..< Self.judgedBlocks * Self.judgedBlocks {
                let rows = Self.part(block / Self.judgedBlocks, of: shape.height)
                let columns = Self.part(block % Self.judgedBlocks, of: shape.width)
                guard !rows.isEmpty, !columns.isEmpty else { continue }
                statistics.append(
                    ChainStatistics(
                        images.map { $0.map { Self.mean($0, channel * shape.pixels, rows, columns, width: shape.width) } }))
            }
        }
        return statistics + judged.map { pixel in ChainStatistics(images.map { $0.map { Double($0[pixel]) } }) }
    }

    private static func part(_ number: Int, of length: Int) -> Range<Int> {
        number * length / judgedBlocks ..< (number + 1) * length / judgedBlocks
    }

    private static func mean(_ pixels: [Float], _ first: Int, _ rows: Range<Int>, _ columns: Range<Int>, width: Int) -> Double {
        var sum = 0.0
        for row in rows {
            for column in columns { sum += Double(pixels[first + row * width + column]) }
        }
        return sum / Double(rows.count * columns.count)
    }

    private var judged: [Int] {
        var generator = SeededGenerator(seed: 0, stream: .posterior, index: .max)
        return (0 ..< Self.judgedPixels).map { _ in generator.nextIndex(below: shape.count) }
    }

    package func diagnostics(
        _ reports: [ChainReport], options: PosteriorOptions, seconds: Double
    ) -> PosteriorDiagnostics {
        let statistics = stride(from: 0, to: images.count, by: chainsOfView).map { self.statistics(of: $0 ..< $0 + chainsOfView) }
        // The mean over views of means with the variances v / n has the variance of as many draws as this.
        let effective = statistics[0].indices.map { number in
            let views = statistics.map { $0[number].effectiveSamples }
            return Double(views.count * views.count) / views.reduce(0) { $0 + 1 / $1 }
        }
        let ofPixels = effective.suffix(Self.judgedPixels).sorted()
        func worst(_ values: [Double], _ choose: (Double, Double) -> Double) -> Double {
            values.contains { $0.isNaN } ? .nan : values.dropFirst().reduce(values[0], choose)
        }
        return PosteriorDiagnostics(
            chains: images.count, samples: images.count * (images.first?.count ?? 0), burnIn: options.burnIn,
            acceptance: reports.map(\.acceptance), stepSizes: reports.map(\.stepSize),
            rHat: worst(statistics.flatMap { $0.map(\.rHat) }, max),
            effectiveSamples: worst(effective, min), medianEffectiveSamples: ofPixels[ofPixels.count / 2],
            evaluations: images.count * options.evaluationsOfChain, seconds: seconds)
    }
}

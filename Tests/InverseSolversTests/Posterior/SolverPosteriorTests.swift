import Foundation
import ForwardOperators
import GlowModel
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

/// `Solver.sample` and `HamiltonianChain`, against posteriors that are known.
@Suite struct SolverPosteriorTests {
    private let shape = ImageShape(channels: 1, height: 2, width: 4)
    private let weight = 0.2

    private func options(samples: Int = 4000, steps: Int = 6, seed: UInt64 = 0) -> PosteriorOptions {
        var options = PosteriorOptions()
        (options.samples, options.burnIn, options.stepsPerSample, options.seed) = (samples, 100, steps, seed)
        return options
    }

    private func problem(_ forwardOperator: any ForwardOperator, _ measurement: [Float]) -> InverseProblem {
        InverseProblem(forwardOperator: forwardOperator, measurement: measurement, regularizationWeight: weight)
    }

    /// The draws of each chain, the chains in a row.
    private func draws<Flow: NormalizingFlow>(
        _ flow: Flow, _ problem: InverseProblem, _ options: PosteriorOptions, threads: Int = 1, batch: Int = 16,
        gradientPrecisionFlow: Flow? = nil
    ) throws -> (images: [[[Float]]], logDensities: [[Double]], reports: [ChainReport]) {
        var solverOptions = SolverOptions()
        solverOptions.maximumBatch = batch
        let solver = Solver(
            flow: flow, gradientPrecisionFlow: gradientPrecisionFlow, options: solverOptions, parallelism: Parallelism(threads: threads))
        var images = [[[Float]]](repeating: [], count: options.chains)
        var logDensities = [[Double]](repeating: [], count: options.chains)
        let start = [Float](repeating: 0, count: problem.forwardOperator.imageShape.count)
        let reports = try solver.sample(
            [PosteriorView(problem: problem, start: start)], options,
            PosteriorEvents {
                #expect($0.index == images[$0.chain].count)
                images[$0.chain].append($0.image)
                logDensities[$0.chain].append($0.logDensity)
            })
        return (images, logDensities, reports)
    }

    /// Of an image that was measured as it is, with the latent z.
    private func logDensity(_ x: [Float], _ z: [Float], _ logDeterminant: Double, _ measurement: [Float]) -> Double {
        var sum = logDeterminant
        for (value, measured) in zip(x, measurement) {
            let difference = Double(value) - Double(measured)
            sum -= difference * difference / (2 * weight)
        }
        for value in z { sum -= Double(value) * Double(value) / 2 }
        return sum
    }

    /// For a linear flow z = W x + b the posterior is normal: its precision is A'A / lambda + W'W. Means, covariances and quantiles of the draws are
    /// those, up to what so many effective draws leave.
    @Test(arguments: [0, 1, 2]) func aLinearFlowHasANormalPosterior(index: Int) throws {
        let flow = ToyFlow(dimension: 8, strength: 0)
        let forwardOperator: any ForwardOperator = [
            try Identity(imageShape: shape), try Mask(imageShape: shape, keep: [true, false, true, false, false, true, true, true]),
            MatrixOperator(matrix: .normal(rows: 3, columns: 8, seed: 2), imageShape: shape),
        ][index]
        let measurement = try forwardOperator.apply(normalNumbers(8, seed: 3))
        let w = flow.linearPart
        let matrix = ReferenceMatrix(
            columns: try (0 ..< 8).map { column in
                var unit = [Float](repeating: 0, count: 8)
                unit[column] = 1
                return try forwardOperator.adjoint(forwardOperator.apply(unit)).map(Double.init)
            })
        let covariance = ((1 / weight) * matrix + w.transposed * w).inverse
        let seen = try forwardOperator.adjoint(measurement).map { Double($0) / weight }
        let pulled = w.transposed * flow.bias
        let mean = covariance * zip(seen, pulled).map { $0 - $1 }

        let found = try draws(flow, problem(forwardOperator, measurement), options())
        #expect(found.reports.allSatisfy { $0.acceptance > 0.5 && $0.acceptance < 0.97 }, "\(found.reports)")
        let all = found.images.flatMap { $0 }
        for pixel in 0 ..< 8 {
            let statistics = ChainStatistics(found.images.map { $0.map { Double($0[pixel]) } })
            #expect(statistics.rHat < 1.02)
            let values = all.map { Double($0[pixel]) }.sorted()
            let effective = min(statistics.effectiveSamples, Double(all.count))
            #expect(effective > 400)
            let deviation = covariance[pixel, pixel].squareRoot()
            let average = values.reduce(0, +) / Double(values.count)
            #expect(abs(average - mean[pixel]) < 5 * deviation / effective.squareRoot())
            for (level, normal) in [(0.05, -1.6449), (0.5, 0), (0.95, 1.6449)] {
                let quantile = values[Int(level * Double(values.count))]
                // The deviation of a sample quantile: that of the level over the density there.
                let density = exp(-normal * normal / 2) / (2 * Double.pi).squareRoot()
                let spread = (level * (1 - level) / effective).squareRoot() / density
                #expect(abs((quantile - mean[pixel]) / deviation - normal) < 5 * spread)
            }
            for other in 0 ..< 8 {
                var product = 0.0
                for draw in all { product += (Double(draw[pixel]) - mean[pixel]) * (Double(draw[other]) - mean[other]) }
                product /= Double(all.count)
                let scale = (covariance[pixel, pixel] * covariance[other, other]).squareRoot()
                #expect(abs(product - covariance[pixel, other]) < 7 * scale / effective.squareRoot())
            }
        }
    }

    /// In two dimensions any posterior can be summed over a grid. This flow bends it, its log-determinant counts, and one step of each trajectory
    /// is so long that a chain that took all would be far off.
    @Test(arguments: [1, 5]) func aBentPosteriorIsThatOfAGrid(steps: Int) throws {
        let plane = ImageShape(channels: 1, height: 1, width: 2)
        let flow = ToyFlow(dimension: 2, strength: 1.2, seed: 5)
        let measurement: [Float] = [0.4, -0.8]
        var moments = [Double](repeating: 0, count: 5)
        let recording = try flow.makeLinearization(imageShape: plane, capacity: 1, parallelism: .serial)
        var total = 0.0
        for row in -140 ... 140 {
            for column in -140 ... 140 {
                let x = [Float(row) / 28, Float(column) / 28]
                var (z, determinant) = ([Float](repeating: 0, count: 2), [0.0])
                flow.forward(x, count: 1, recording: recording, into: &z, logDeterminants: &determinant)
                let density = exp(logDensity(x, z, determinant[0], measurement))
                total += density
                for index in moments.indices { moments[index] += density * moment(index, of: x) }
            }
        }
        moments = moments.map { $0 / total }
        let found = try draws(
            flow, problem(try Identity(imageShape: plane), measurement), options(samples: 12_000, steps: steps, seed: 3))
        for (index, expected) in moments.enumerated() {
            let values = found.images.map { chain in chain.map { moment(index, of: $0) } }
            let statistics = ChainStatistics(values)
            let all = values.flatMap { $0 }
            let average = all.reduce(0, +) / Double(all.count)
            let variance = all.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(all.count)
            let spread = (variance / min(statistics.effectiveSamples, Double(all.count))).squareRoot()
            #expect(abs(average - expected) < 4.5 * spread, "moment \(index): \(average), but \(expected) +- \(spread)")
            // So small that a mean of draws that were all accepted is not within it.
            #expect(spread < 0.03)
        }
    }

    /// The means and the products of two coordinates.
    private func moment(_ index: Int, of x: [Float]) -> Double {
        let (a, b) = (Double(x[0]), Double(x[1]))
        return [a, b, a * a, a * b, b * b][index]
    }

    /// The bits depend on neither threads nor how many chains share an evaluation; another seed gives other draws, and so does another chain.
    @Test func drawsDependOnTheSeedAlone() throws {
        let flow = ToyFlow(dimension: 8, strength: 0.3)
        let problem = problem(try Identity(imageShape: shape), normalNumbers(8, seed: 5))
        var short = options(samples: 40)
        short.burnIn = 10
        let first = try draws(flow, problem, short)
        for (threads, batch) in [(4, 16), (2, 3), (1, 1)] {
            let again = try draws(flow, problem, short, threads: threads, batch: batch)
            #expect(again.images == first.images)
            #expect(again.logDensities == first.logDensities)
        }
        short.seed = 1
        #expect(try draws(flow, problem, short).images != first.images)
        #expect(first.images[0] != first.images[1])
    }

    /// Chains of two problems go in one batch, and each draws as it would alone.
    @Test func viewsShareABatchAndNothingElse() throws {
        let flow = ToyFlow(dimension: 8, strength: 0.3)
        let problems = [
            problem(try Identity(imageShape: shape), normalNumbers(8, seed: 5)),
            problem(try Mask(imageShape: shape, keep: [true, false, true, false, false, true, true, true]), normalNumbers(8, seed: 6)),
        ]
        var short = options(samples: 40)
        short.burnIn = 10
        let alone = try problems.map { try draws(flow, $0, short).images }
        let start = [Float](repeating: 0, count: 8)
        var images = [[[Float]]](repeating: [], count: 4)
        let reports = try Solver(flow: flow, parallelism: Parallelism(threads: 2)).sample(
            problems.map { PosteriorView(problem: $0, start: start) }, short, PosteriorEvents { images[$0.chain].append($0.image) })
        #expect(reports.count == 4 && images == Array(alone[0][..<2] + alone[1][2...]))
        short.chains = 3
        #expect(throws: SolverError.option(name: "chains", found: "3", required: "even with a self-ensemble")) {
            try Solver(flow: flow, parallelism: .serial).sample(
                problems.map { PosteriorView(problem: $0, start: start) }, short, PosteriorEvents { _ in })
        }
    }

    /// The reported density is that of the draw, with the log-determinant: differences between draws are those of -E / lambda.
    @Test func theDensityIsThatOfTheDraw() throws {
        let flow = ToyFlow(dimension: 8, strength: 0.3)
        let measurement = normalNumbers(8, seed: 5)
        var short = options(samples: 16)
        short.burnIn = 5
        let found = try draws(flow, problem(try Identity(imageShape: shape), measurement), short)
        let recording = try flow.makeLinearization(imageShape: shape, capacity: 1, parallelism: .serial)
        for (image, logDensity) in zip(found.images.joined(), found.logDensities.joined()) {
            var (z, determinant) = ([Float](repeating: 0, count: 8), [0.0])
            flow.forward(image, count: 1, recording: recording, into: &z, logDeterminants: &determinant)
            #expect(abs(logDensity - self.logDensity(image, z, determinant[0], measurement)) < 1e-3)
        }
    }

    /// The mean of C grad U is 0 for a flow that bends space too, and near a normal density it is what the draw differs from the mean by.
    @Test(arguments: [0, 0.3]) func deflectionsHaveNoMean(strength: Double) throws {
        let flow = ToyFlow(dimension: 8, strength: strength)
        let problem = problem(try Identity(imageShape: shape), normalNumbers(8, seed: 5))
        var (images, deflections) = ([[[Double]]](repeating: [], count: 4), [[[Double]]](repeating: [], count: 4))
        _ = try Solver(flow: flow, parallelism: .serial).sample(
            [PosteriorView(problem: problem, start: [Float](repeating: 0, count: 8))], options(samples: 4000),
            PosteriorEvents {
                images[$0.chain].append($0.image.map(Double.init))
                deflections[$0.chain].append($0.deflection.map(Double.init))
            })
        for pixel in 0 ..< 8 {
            let (values, others) = (images.joined().map { $0[pixel] }, deflections.joined().map { $0[pixel] })
            let mean = others.reduce(0, +) / 4000
            let variance = others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3999
            let effective = min(4000, ChainStatistics(deflections.map { $0.map { $0[pixel] } }).effectiveSamples)
            #expect(variance > 0 && abs(mean) < 5 * (variance / effective).squareRoot())
            let average = values.reduce(0, +) / 4000
            let products = zip(values, others).reduce(0) { $0 + ($1.0 - average) * ($1.1 - mean) } / 3999
            let own = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / 3999
            #expect(products / (own * variance).squareRoot() > 0.7)
        }
    }

    /// Gradients of another precision change the draws, and not what they are draws of.
    @Test func roughGradientsKeepTheDistribution() throws {
        let flow = ToyFlow(dimension: 8, strength: 0)
        let rough = ToyFlow(dimension: 8, strength: 0, precision: .bf16)
        let problem = problem(try Identity(imageShape: shape), normalNumbers(8, seed: 3))
        let exact = try draws(flow, problem, options())
        let other = try draws(flow, problem, options(), gradientPrecisionFlow: rough)
        #expect(exact.images != other.images)
        for pixel in 0 ..< 8 {
            func mean(_ images: [[[Float]]]) -> Double {
                var sum = 0.0
                for draw in images.joined() { sum += Double(draw[pixel]) }
                return sum / 4000
            }
            #expect(abs(mean(exact.images) - mean(other.images)) < 0.05)
        }
    }

    /// A chain does not leave the images at which the flow is finite, and goes on where a trajectory has left them.
    @Test func trajectoriesBeyondTheFiniteAreRejected() throws {
        let flow = ToyFlow(dimension: 8, strength: 0, wall: 3)
        let found = try draws(flow, problem(try Identity(imageShape: shape), [Float](repeating: 2.9, count: 8)), options(samples: 400))
        #expect(found.images.joined().joined().allSatisfy { abs($0) <= 3 })
        #expect(found.images.allSatisfy { Set($0).count > 10 })
    }

    @Test func whatCannotBeSampledIsTold() throws {
        let flow = ToyFlow(dimension: 8, strength: 0)
        let good = problem(try Identity(imageShape: shape), [Float](repeating: 0, count: 8))
        var exact = good
        exact.regularizationWeight = 0
        #expect(throws: SolverError.regularizationWeight(problem: 0, found: 0)) { try draws(flow, exact, options(samples: 16)) }
        var short = good
        short.measurement = [1]
        #expect(throws: SolverError.self) { try draws(flow, short, options(samples: 16)) }
        #expect(throws: SolverError.self) { try draws(flow, good, options(samples: 1)) }
        #expect(throws: SolverError.startNotFinite(problem: 0)) {
            try draws(ToyFlow(dimension: 8, strength: 0, wall: 1e-6), good, options(samples: 16))
        }
    }
}

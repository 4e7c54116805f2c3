import Reglow
import TestSupport
import Testing

/// Posteriors of whole images: their statistics are those of the draws, and the chains are those of the measurement alone.
@Suite struct RestorerPosteriorTests {
    private var options: PosteriorOptions {
        var options = PosteriorOptions()
        (options.samples, options.burnIn, options.stepsPerSample) = (24, 5, 3)
        options.quantiles = [0.1, 0.5, 0.9]
        return options
    }

    /// Sides that no flow takes, for each problem and both couplings, with one view and with two.
    @Test(arguments: [GlowArchitecture.Coupling.additive, .affine], [1, 2])
    func everyProblemHasAPosterior(_ coupling: GlowArchitecture.Coupling, views: Int) throws {
        var restorer = Sample.restorer(try Sample.prior(coupling: coupling))
        restorer.options.ensemble = views
        let truth = try Sample.image(height: 10, width: 14)
        for problem in try Sample.allProblems(height: 10, width: 14) {
            let y = try Sample.measurement(of: truth, problem)
            let estimate = try restorer.posterior([y], problem: problem, posterior: options)[0]
            #expect((estimate.mode.mirrored != nil) == (views == 2))
            #expect(estimate.mean.shape == truth.shape && estimate.samples.count == 24 && estimate.quantiles.count == 3)
            #expect(estimate.deviation.pixels.allSatisfy { $0 > 0 && $0.isFinite }, "\(problem)")
            #expect(estimate.diagnostics.acceptance.allSatisfy { $0 > 0.05 }, "\(problem): \(estimate.diagnostics)")
            #expect(estimate.diagnostics.evaluations == 4 * (1 + 11 * 3))
        }
    }

    /// Deviation and quantiles are those of the samples, pixel by pixel; the mean is near theirs.
    @Test func theStatisticsAreThoseOfTheSamples() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let y = try Sample.measurement(of: try Sample.image(height: 8, width: 8), .denoise)
        let estimate = try restorer.posterior([y], problem: .denoise, posterior: options)[0]
        for pixel in stride(from: 0, to: 192, by: 7) {
            let values = estimate.samples.map { Double($0.pixels[pixel]) }.sorted()
            let mean = values.reduce(0, +) / 24
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 23
            #expect(abs(Double(estimate.mean.pixels[pixel]) - mean) < 3 * (variance / 2).squareRoot())
            #expect(abs(Double(estimate.deviation.pixels[pixel]) - variance.squareRoot()) < 1e-6)
            // 0.1 of the 23 steps between 24 values is 2.3 of them.
            #expect(abs(Double(estimate.quantiles[0].image.pixels[pixel]) - (0.7 * values[2] + 0.3 * values[3])) < 1e-6)
            #expect(abs(Double(estimate.quantiles[1].image.pixels[pixel]) - (values[11] + values[12]) / 2) < 1e-6)
        }
    }

    /// The mean of one run differs from that of another by less than the plain means of their draws do: it knows what its draws err by.
    @Test(arguments: [1, 3]) func theMeanErrsByLessThanItsDraws(channels: Int) throws {
        let restorer = Sample.restorer(try Sample.prior())
        let y = try Sample.measurement(of: try Sample.image(height: 8, width: 8, channels: channels), .denoise)
        let estimates = try (0 ..< 2).map { seed in
            var seeded = options
            seeded.seed = UInt64(seed)
            return try restorer.posterior([y], problem: .denoise, posterior: seeded)[0]
        }
        func distance(_ numbers: (PosteriorEstimate, Int) -> Double) -> Double {
            (0 ..< estimates[0].mean.shape.count).reduce(0) { sum, pixel in
                let difference = numbers(estimates[0], pixel) - numbers(estimates[1], pixel)
                return sum + difference * difference
            }
        }
        let plain = distance { estimate, pixel in estimate.samples.reduce(0) { $0 + Double($1.pixels[pixel]) } / 24 }
        #expect(distance { Double($0.mean.pixels[$1]) } < 0.5 * plain)
    }

    /// Alone or with others, and for any number of threads, the bits are the same; another seed gives others.
    @Test func theDrawsAreThoseOfTheMeasurementAlone() throws {
        let prior = try Sample.prior(coupling: .affine)
        let problem = Problem.inpaint(.hole(4))
        let measurements = try (0 ..< 2).map {
            try Sample.measurement(of: try Sample.image(height: 8, width: 12, phase: Double($0)), problem, seed: UInt64($0))
        }
        let both = try Sample.restorer(prior).posterior(measurements, problem: problem, posterior: options)
        let alone = try Sample.restorer(prior, threads: 3).posterior([measurements[1]], problem: problem, posterior: options)
        #expect(both[1].samples == alone[0].samples && both[1].mean == alone[0].mean)
        #expect(both[0].samples != both[1].samples)
        var other = options
        other.seed = 1
        #expect(try Sample.restorer(prior).posterior([measurements[1]], problem: problem, posterior: other)[0].samples != alone[0].samples)
    }

    /// With a self-ensemble the first half of the draws is of the image and the second of its mirror image, turned back.
    @Test func halfOfTheChainsSeeTheMirrorImage() throws {
        let truth = try Sample.image(height: 8, width: 8)
        func mirrored(_ image: Image) throws -> Image {
            let pixels = image.pixels
            return try Image(shape: image.shape, pixels: pixels.indices.map { pixels[$0 - $0 % 8 + 7 - $0 % 8] })
        }
        func distance(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
        var many = options
        (many.samples, many.burnIn, many.stepsPerSample) = (800, 20, 6)
        var (alone, both) = (SolverOptions(), SolverOptions())
        (alone.progressTolerance, both.progressTolerance, both.selfEnsemble) = (1e-4, 1e-4, true)
        let prior = try Sample.prior(coupling: .affine)
        func estimate(_ truth: Image, _ solver: SolverOptions) throws -> PosteriorEstimate {
            // Noise is left out, so that the mirror image of the measurement is that of the mirror image.
            try Restorer(prior: prior, options: solver, threads: 2).posterior(
                [ImageMeasurement(truth)], problem: .denoise, noiseDeviation: 0.3, posterior: many)[0]
        }
        let found = try estimate(truth, both)
        let upright = try estimate(truth, alone)
        let turned = try estimate(mirrored(truth), alone)
        #expect(found.samples.count == 800 && found.diagnostics.evaluations == 4 * (1 + 220 * 6))
        #expect(Array(found.samples[..<400]) == Array(upright.samples[..<400]))
        let (one, other) = (upright.mean.pixels.map(Double.init), try mirrored(turned.mean).pixels.map(Double.init))
        let (middle, mean) = (zip(one, other).map { ($0 + $1) / 2 }, found.mean.pixels.map(Double.init))
        #expect(distance(mean, middle) < 0.1 * min(distance(mean, one), distance(mean, other)))
        many.chains = 3
        #expect(throws: SolverError.option(name: "chains", found: "3", required: "even with a self-ensemble")) {
            try estimate(truth, both)
        }
        // Two draws of a chain do for neither.
        (many.chains, many.samples) = (2, 7)
        #expect(throws: SolverError.self) { try estimate(truth, both) }
    }

    /// A grey measurement has one noise, which its three copies share; its posterior is grey.
    @Test func aGreyMeasurementHasAGreyPosterior() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let y = try Sample.measurement(of: try Sample.image(height: 8, width: 8, channels: 1), .denoise)
        let estimate = try restorer.posterior([y], problem: .denoise, posterior: options)[0]
        #expect(estimate.mean.shape == ImageShape(channels: 1, height: 8, width: 8))
        #expect(estimate.mode.image.shape.channels == 3)
    }

    @Test func whatHappensIsTold() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let y = try Sample.measurement(of: try Sample.image(height: 8, width: 8), .denoise)
        var told: [Int] = []
        _ = try restorer.posterior([y], problem: .denoise, posterior: options) {
            #expect($0.count == 11 && $0.measurement == 0)
            told.append($0.done)
        }
        #expect(told == Array(1 ... 11))
        var bad = options
        bad.chains = 0
        #expect(throws: SolverError.self) { try restorer.posterior([y], problem: .denoise, posterior: bad) }
        #expect(throws: MeasurementError.self) {
            try restorer.posterior([y], problem: .denoise, regularizationWeight: 0, posterior: options)
        }
    }

    /// The part of a truth that lies between the outermost quantiles.
    @Test func coverageIsCounted() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let y = try Sample.measurement(of: try Sample.image(height: 8, width: 8), .denoise)
        let estimate = try restorer.posterior([y], problem: .denoise, posterior: options)[0]
        let all = try #require(estimate.coverage(of: estimate.quantiles[1].image))
        #expect(all.found == 1 && abs(all.nominal - 0.8 * 23 / 25) < 1e-9)
        let beyond = try Image(shape: estimate.mean.shape, pixels: estimate.quantiles[2].image.pixels.map { $0 + 1e-3 })
        #expect(estimate.coverage(of: beyond)?.found == 0)
        #expect(estimate.coverage(of: try Sample.image(height: 4, width: 8)) == nil)
    }
}

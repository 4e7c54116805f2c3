import Reglow
import Testing

@Suite struct RestorerTests {
    /// Sides that no flow takes are restored on a canvas and cropped; the data are met better than by the start.
    @Test(arguments: Formulation.allCases, [(8, 8), (10, 14), (22, 8)])
    func everyProblemIsRestoredAtAnySize(formulation: Formulation, size: (Int, Int)) throws {
        let restorer = Sample.restorer(try Sample.prior(), formulation)
        let truth = try Sample.image(height: size.0, width: size.1)
        for problem in try Sample.allProblems(height: size.0, width: size.1) {
            let y = try Sample.measurement(of: truth, problem)
            let restored = try restorer.restore([y], problem: problem)
            #expect(restored.count == 1)
            #expect(restored[0].image.shape == truth.shape)
            #expect(restored[0].image.pixels.allSatisfy { $0.isFinite })
            let trace = restored[0].restoration.trace.entries
            let first = try #require(trace.first)
            #expect(restored[0].restoration.objective < first.objective, "\(problem)")
        }
    }

    /// A solve begins at an image of the size of the restored one; where the flow's canvas is that size, as at its numbers in the model's range.
    @Test func aMeasurementMayBringItsStart() throws {
        let prior = try Sample.prior()
        let restorer = Sample.restorer(prior, evaluations: 2)
        let truth = try Sample.image(height: 8, width: 12)
        var y = try Sample.measurement(of: truth, .denoise)
        let inRange = truth.pixels.map { $0 + prior.architecture.pixelShift }
        let expected = try restorer.restore([y], problem: .denoise, start: .image(inRange))[0]
        let other = try restorer.restore([y], problem: .denoise)[0]
        y.start = truth
        let restored = try restorer.restore([y], problem: .denoise)[0]
        #expect(restored.image == expected.image && restored.image != other.image)
        y.start = try Sample.image(height: 8, width: 8)
        #expect(throws: MeasurementError.self) { try restorer.restore([y], problem: .denoise) }
    }

    /// An operator that the caller brings is solved as the one that Reglow makes; for an image of another size it is refused.
    @Test func anOperatorOfTheCallersOwn() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let truth = try Sample.image(height: 10, width: 14)
        let named = Problem.deblur(try .uniform(3), border: .reflect)
        let own = Problem.linear(try Blur(imageShape: truth.shape, pointSpread: .uniform(3), border: .reflect))
        let y = try Sample.measurement(of: truth, named)
        let results = try [named, own].map { try restorer.restore([y], problem: $0)[0].image }
        #expect(results[0] == results[1])
        let other = try Sample.measurement(of: try Sample.image(height: 8, width: 8), named)
        #expect(throws: MeasurementError.self) { try restorer.restore([other], problem: own) }
    }

    @Test(arguments: [false, true]) func imagesOfSeveralSizesKeepTheirOrderAndTheirBits(selfEnsemble: Bool) throws {
        let prior = try Sample.prior()
        let problem = Problem.inpaint(.random(0.5))
        let sizes = [(8, 8), (12, 8), (8, 8), (9, 10), (8, 8)]
        let truths = try sizes.enumerated().map { try Sample.image(height: $1.0, width: $1.1, phase: Double($0)) }
        let measurements = try truths.enumerated().map { try Sample.measurement(of: $1, problem, seed: UInt64($0)) }
        func restorer(threads: Int) -> Restorer {
            var restorer = Sample.restorer(prior, threads: threads)
            restorer.options.selfEnsemble = selfEnsemble
            return restorer
        }
        let together = try restorer(threads: 2).restore(measurements, problem: problem)
        for (index, measurement) in measurements.enumerated() {
            let alone = try restorer(threads: 1).restore([measurement], problem: problem)
            #expect(together[index].image == alone[0].image)
            #expect(together[index].restoration.objective == alone[0].restoration.objective)
        }
    }

    @Test func theSeedChoosesTheMask() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let truth = try Sample.image(height: 8, width: 8)
        let problem = Problem.inpaint(.random(0.5))
        var y = try Sample.measurement(of: truth, problem, seed: 1)
        let right = try restorer.restore([y], problem: problem)
        y.seed = 2
        let wrong = try restorer.restore([y], problem: problem)
        #expect(right[0].image != wrong[0].image)
    }

    /// So that a random matrix is drawn and factorized once.
    @Test func measurementsOfOneSeedAndSizeShareTheirOperator() throws {
        var operators = PosedOperatorCache(.inpaint(.random(0.5)), prior: try Sample.prior(), parallelism: Parallelism(threads: 1))
        func operatorFor(_ height: Int, seed: UInt64) throws -> PosedOperator {
            try operators.posed(for: ImageMeasurement(try Sample.image(height: height, width: 8), seed: seed))
        }
        let first = try operatorFor(8, seed: 1)
        #expect(try operatorFor(8, seed: 1) === first)
        #expect(try operatorFor(8, seed: 2) !== first)
        #expect(try operatorFor(12, seed: 1) !== first)
    }

    @Test func aGreyMeasurementIsRestoredInThePriorsChannels() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let grey = try Sample.image(height: 8, width: 8, channels: 1)
        let restored = try restorer.restore([ImageMeasurement(grey)], problem: .denoise)
        #expect(restored[0].image.shape.channels == 3)
    }

    @Test func progressNamesTheMeasurement() throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 4)
        let images = [try Sample.image(height: 8, width: 8), try Sample.image(height: 12, width: 12)]
        var seen: Set<Int> = []
        _ = try restorer.restore(images.map { ImageMeasurement($0) }, problem: .denoise) { seen.insert($0.measurement) }
        #expect(seen == [0, 1])
    }

    /// log|det J_f| is a constant of an additive flow: it shifts the objective by its multiple of lambda and moves nothing. Of an affine
    /// one it is not.
    @Test func theLogDeterminantCountsForAffineFlowsAlone() throws {
        let problem = Problem.deblur(try .uniform(3))
        let y = try Sample.measurement(of: try Sample.image(height: 8, width: 8), problem)
        func restore(_ coupling: GlowArchitecture.Coupling, fullMAP: Bool) throws -> Image {
            var restorer = Sample.restorer(try Sample.prior(coupling: coupling), .analysis, evaluations: 40)
            restorer.options.includeLogDeterminant = fullMAP
            return try restorer.restore([y], problem: problem, noiseDeviation: 0.1)[0].image
        }
        func distance(_ coupling: GlowArchitecture.Coupling) throws -> Float {
            let (without, with) = (try restore(coupling, fullMAP: false), try restore(coupling, fullMAP: true))
            return zip(without.pixels, with.pixels).map { abs($0 - $1) }.max() ?? 0
        }
        #expect(try distance(.additive) < 1e-3)
        #expect(try distance(.affine) > 1e-2)
    }

    /// The objective of the restored image in fp32 is as low as fp32 alone makes it; bf16 alone ends above.
    @Test(arguments: Formulation.allCases) func gradientsInBF16ReachTheMinimumOfFP32(formulation: Formulation) throws {
        let (exact, rough) = (try Sample.prior(), try Sample.prior(precision: .bf16))
        let problem = Problem.deblur(try .uniform(3))
        let y = try Sample.measurement(of: try Sample.image(height: 10, width: 14), problem)
        func restore(_ restorer: Restorer) throws -> Restoration {
            var restorer = restorer
            restorer.options.minimizer = .lbfgs()
            restorer.options.formulation = formulation
            restorer.options.maximumEvaluations = 400
            restorer.options.gradientTolerance = 1e-7
            restorer.options.progressTolerance = 1e-7
            return try restorer.restore([y], problem: problem)[0].restoration
        }
        let single = try restore(Restorer(prior: exact, threads: 1))
        let half = try restore(Restorer(prior: rough, threads: 1))
        let both = try restore(Restorer(prior: exact, gradientPrecision: .bf16, threads: 1))
        var one = SolverOptions()
        one.maximumEvaluations = 1
        let halfInSingle = try Restorer(prior: exact, options: one, threads: 1)
            .restore([y], problem: problem, start: .image(half.image))[0].restoration
        #expect(halfInSingle.objective > single.objective * (1 + 2e-4))
        #expect(both.objective <= single.objective * (1 + 2e-5))
        #expect(both.gradientPrecisionEvaluations.map { (1 ... both.evaluations).contains($0) } == true)
        #expect(single.gradientPrecisionEvaluations == nil)
    }

    @Test func imagesSwitchTheirGradientsAloneAsInCompany() throws {
        let restorer = Restorer(prior: try Sample.prior(), gradientPrecision: .bf16, threads: 2)
        var alone = restorer
        alone.parallelism = Parallelism(threads: 1)
        let problem = Problem.inpaint(.random(0.5))
        let truths = try [(8, 8), (9, 10), (8, 8), (8, 8)].enumerated().map {
            try Sample.image(height: $1.0, width: $1.1, phase: Double($0))
        }
        let measurements = try truths.enumerated().map { try Sample.measurement(of: $1, problem, seed: UInt64($0)) }
        let together = try restorer.restore(measurements, problem: problem).map(\.restoration)
        let single = try measurements.map { try alone.restore([$0], problem: problem)[0].restoration }
        #expect(together.map(\.image) == single.map(\.image))
        #expect(together.map(\.evaluations) == single.map(\.evaluations))
        #expect(together.map(\.gradientPrecisionEvaluations) == single.map(\.gradientPrecisionEvaluations))
        #expect(Set(single.map(\.gradientPrecisionEvaluations)).count > 1)
    }

    @Test func theDefaultWeightIsTheVarianceOfTheNoise() {
        #expect(Restorer.defaultRegularizationWeight(noiseDeviation: 0.1) == 0.1 * 0.1)
        #expect(Restorer.defaultRegularizationWeight(noiseDeviation: 0) > 0)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let image = try Sample.image(height: 8, width: 8)
        let measurement = ImageMeasurement(image)
        let other = Problem.ImageSize(height: 4, width: 4)
        #expect(throws: MeasurementError.self) {
            try restorer.restore([measurement], problem: .inpaint(.mask(keep: [Bool](repeating: true, count: 16), size: other)))
        }
        #expect(throws: MeasurementError.self) {
            try restorer.restore([measurement], problem: .compressive(measurements: 7, image: other))
        }
        #expect(throws: MeasurementError.self) { try restorer.restore([measurement], problem: .superresolve(scale: 0)) }
        #expect(throws: MeasurementError.self) { try restorer.restore([measurement], problem: .superresolve(scale: .max)) }
        #expect(throws: MeasurementError.self) { try restorer.restore([measurement], problem: .inpaint(.hole(9))) }
        #expect(throws: MeasurementError.self) { try restorer.restore([measurement], problem: .deblur(try .uniform(11))) }
        #expect(throws: SolverError.self) {
            try restorer.restore([measurement], problem: .denoise, regularizationWeight: .nan)
        }
    }

    /// An image of more than two blocks of `VectorLoops` has all threads for each loop of its solve.
    @Test(arguments: [0, 1, 2, 3]) func threadsThatShareALargeImageChangeNoBit(problem: Int) throws {
        let (height, width) = (160, 156)
        let problems: [Problem] = [
            .deblur(try .uniform(5), border: .unknown), .superresolve(scale: 2), .inpaint(.random(0.5)), .denoise,
        ]
        let measurement = try Sample.measurement(of: try Sample.image(height: height, width: width), problems[problem])
        let prior = try Sample.prior()
        let images = try [1, 2, 3].map { threads in
            try Sample.restorer(prior, threads: threads, evaluations: 9).restore([measurement], problem: problems[problem])[0].image
        }
        #expect(images[0].pixels.count > 2 * VectorLoops.block)
        #expect(images[0] == images[1] && images[0] == images[2])
    }

    /// A solve stays in the latent for as long as its canvas and its gaps ask for.
    @Test(arguments: [(128, Problem.MissingPixels.random(0.5), 60), (132, .random(0.5), 20), (132, .hole(12), 60)])
    func aSolveLeavesTheLatentByItsSize(height: Int, missing: Problem.MissingPixels, latent: Int) throws {
        let problem = Problem.inpaint(missing)
        let measurement = try Sample.measurement(of: try Sample.image(height: height, width: 128), problem)
        var restorer = Sample.restorer(try Sample.prior(), threads: 2, evaluations: 190)
        (restorer.options.gradientTolerance, restorer.options.progressTolerance) = (0, 0)
        // What comes after the change does not matter.
        struct Seen: Error {}
        var first: Int?
        _ = try? restorer.restore([measurement], problem: problem) { progress in
            guard progress.entry.unknown == .analysis else { return }
            first = progress.entry.evaluation
            throw Seen()
        }
        #expect(first == latent + 1)
    }
}

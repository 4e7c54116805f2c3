import Reglow
import Testing

/// A picture in windows is the picture as a whole, nearly.
@Suite struct WindowedRestorationTests {
    private static let size = (height: 192, width: 232)

    private func plan(_ restorer: Restorer, _ problem: Problem, _ y: ImageMeasurement, part: Double) throws -> RestorationPlan {
        let planner = RestorationPlanner(restorer, problem: problem)
        let whole = try planner.plan(y.shape, resident: 0, limit: nil)
        #expect(whole.windows == nil)
        return try planner.plan(y.shape, resident: 0, limit: Int(part * Double(whole.memoryBytes)))
    }

    private func windowed(_ restorer: Restorer, _ problem: Problem, _ y: ImageMeasurement, _ grid: WindowGrid) throws -> WindowedImage {
        try WindowedRestoration(RestorationSession(restorer, problem: problem, regularization: .noiseVariance(.known(0.02))), y, grid).run()
    }

    private func decibel(_ a: Image, _ b: Image) throws -> Double {
        try peakSignalToNoiseRatio(a.clipped(), b.clipped())
    }

    @Test(arguments: [
        Problem.denoise, .inpaint(.random(0.4)), .superresolve(scale: 2), .deblur(try .uniform(5)),
        .deblur(try .uniform(5), border: .reflect),
    ])
    func windowsAreAsNearToTheTruthAsTheWhole(problem: Problem) throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 60)
        let truth = try Sample.image(height: Self.size.height, width: Self.size.width)
        let a = try problem.forwardOperator(imageShape: truth.shape, seed: 5, parallelism: Parallelism(threads: 1))
        let y = ImageMeasurement(
            try Image(shape: a.measurementShape, pixels: try Degradation(a, noiseDeviation: 0.02, seed: 5).measure(truth.pixels)), seed: 5)
        let plan = try plan(restorer, problem, y, part: 0.6)
        let grid = try #require(plan.windows)
        #expect(grid.count > 1)
        let whole = try restorer.restore([y], problem: problem, regularization: .noiseVariance(.known(0.02)))[0].image
        let parts = try windowed(restorer, problem, y, grid)
        #expect(parts.image.shape == truth.shape && parts.solves.stops.count == grid.count)
        let (wholeQuality, partsQuality) = (try decibel(truth, whole), try decibel(truth, parts.image))
        #expect(partsQuality > wholeQuality - 0.1, "\(partsQuality), \(wholeQuality)")
        // What differs is far below what either errs.
        #expect(try decibel(whole, parts.image) > wholeQuality + 6)
    }

    private struct Ended: Error {}

    /// A picture that is left after any window goes on with the next, to the same bits.
    @Test(arguments: [Problem.denoise, .inpaint(.random(0.4))])
    func itGoesOnAfterAnyWindow(problem: Problem) throws {
        let y = ImageMeasurement(try Sample.image(height: 160, width: 200), seed: 3)
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 5)
        let grid = try #require(try plan(restorer, problem, y, part: 0.6).windows)
        let whole = try windowed(restorer, problem, y, grid)
        for window in 0 ..< grid.count - 1 {
            func make() throws -> WindowedRestoration {
                let session = RestorationSession(restorer, problem: problem, regularization: .noiseVariance(.known(0.02)))
                return try WindowedRestoration(session, y, grid)
            }
            var states: [SolveState] = []
            #expect(throws: Ended.self) {
                try make().run(
                    from: nil,
                    onState: { state in
                        states.append(state().detached)
                        if states.count == window + 1 { throw Ended() }
                    })
            }
            var others: [Int] = []
            let rest = try make().run(from: states[window], onWindow: { others.append($0) })
            #expect(others == Array(window + 1 ..< grid.count))
            #expect(rest.image == whole.image)
            #expect(rest.solves.evaluations == whole.solves.evaluations && rest.solves.stops == whole.solves.stops)
            var damaged = states[window]
            damaged.vectors["picture"]?.removeLast()
            #expect(throws: SolveStateError.self) { try make().run(from: damaged) }
        }
    }

    @Test func theNumberOfThreadsDoesNotMatter() throws {
        let problem = Problem.denoise
        let truth = try Sample.image(height: 160, width: 200)
        let y = ImageMeasurement(truth)
        let grid = try #require(try plan(Sample.restorer(try Sample.prior()), problem, y, part: 0.6).windows)
        var images: [Image] = []
        for threads in [1, 2] {
            var restorer = Sample.restorer(try Sample.prior(), threads: threads, evaluations: 6)
            restorer.options.selfEnsemble = true
            images.append(try windowed(restorer, problem, y, grid).image)
        }
        #expect(images[0] == images[1])
    }

    /// A hole larger than a window, which its neighbours fill from its rim on.
    @Test func aWindowInsideAHoleTakesItsNeighboursForKnown() throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 10)
        let problem = Problem.inpaint(.hole(140))
        let y = ImageMeasurement(try Sample.image(height: 304, width: 304))
        let grid = try #require(try plan(restorer, problem, y, part: 0.25).windows)
        let image = try windowed(restorer, problem, y, grid).image
        #expect(image.pixels.allSatisfy { $0.isFinite })
    }

    @Test func whatDoesNotWorkInWindowsIsRefused() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let y = ImageMeasurement(try Sample.image(height: 160, width: 200))
        let grid = try #require(try plan(restorer, .denoise, y, part: 0.6).windows)
        #expect(throws: WindowError.regularizationRule) {
            try WindowedRestoration(RestorationSession(restorer, problem: .denoise, regularization: .discrepancy(.known(0.1))), y, grid)
        }
        #expect(throws: WindowError.startImage) {
            try WindowedRestoration(
                RestorationSession(restorer, problem: .denoise, regularization: .fixed(1e-4), start: .image([])), y, grid)
        }
        let planner = RestorationPlanner(restorer, problem: .denoise)
        #expect(throws: MemoryShortage.self) { try planner.plan(y.shape, resident: 0, limit: 1 << 20) }
        let size = Problem.ImageSize(height: 16, width: 16)
        let compressive = RestorationPlanner(restorer, problem: .compressive(measurements: 100, image: size))
        #expect(throws: MemoryShortage.self) {
            try compressive.plan(ImageShape(channels: 1, height: 1, width: 100), resident: 0, limit: 1 << 10)
        }
    }
}

extension Image {
    fileprivate func clipped() throws -> Image { try Image(shape: shape, pixels: pixels.map { min(max($0, 0), 1) }) }
}

import Reglow
import Testing

/// Restoring a measurement for the image and for its mirror image.
@Suite struct SelfEnsembleTests {
    private func mirrored(_ image: Image) throws -> Image {
        try Image(shape: image.shape, pixels: try Mirroring(imageShape: image.shape).apply(image.pixels))
    }

    private func ensemble(evaluations: Int) throws -> Restorer {
        var restorer = Sample.restorer(try Sample.prior(), evaluations: evaluations)
        restorer.options.selfEnsemble = true
        return restorer
    }

    /// Both solve the same measurement: what the objective says of the second holds for its image the right way round.
    @Test(arguments: try Sample.allProblems(height: 8, width: 12))
    func theResultIsTheMeanOfBothSolves(_ problem: Problem) throws {
        let truth = try Sample.image(height: 8, width: 12)
        let y = try Sample.measurement(of: truth, problem)
        var restorer = try ensemble(evaluations: 15)
        restorer.options.progressTolerance = 1e-4
        let restored = try restorer.restore([y], problem: problem)[0]
        var plain = restorer
        plain.options.selfEnsemble = false
        let alone = try plain.restore([y], problem: problem)[0]
        #expect(alone.mirrored == nil)
        #expect(restored.restoration.image == alone.restoration.image)

        let second = try #require(restored.mirrored)
        #expect(restored.evaluations == alone.evaluations + second.evaluations)
        #expect(restored.passes == alone.passes + second.passes)
        // It begins at an image, with the stationary prior of the first.
        #expect(second.passes == 2 * second.evaluations && alone.passes > 2 * alone.evaluations)
        let shift = restorer.prior.architecture.pixelShift
        let image = try mirrored(try Image(shape: truth.shape, pixels: second.image.map { $0 - shift }))
        #expect(image != alone.image)
        let a = try problem.forwardOperator(imageShape: truth.shape, seed: y.seed, parallelism: Parallelism(threads: 1))
        let residual = try a.residual(image.pixels, measurement: y.values)
        let misfit = residual.reduce(0.0) { $0 + Double($1) * Double($1) } / 2
        #expect(abs(misfit - second.dataFidelity) < 1e-3 * misfit + 1e-7, "\(misfit), \(second.dataFidelity)")
        #expect(restored.image.pixels == zip(alone.image.pixels, image.pixels).map { ($0 + $1) / 2 })
    }

    /// A measurement seen in a mirror is restored as the image is, seen in a mirror: nearly, since each begins on its own side.
    @Test func itHardlyKnowsLeftFromRight() throws {
        let problem = Problem.deblur(try .uniform(3))
        let truth = try Sample.image(height: 8, width: 12)
        let y = try Sample.measurement(of: truth, problem)
        let seen = ImageMeasurement(try mirrored(try Image(shape: y.shape, pixels: y.values)))
        func largestDifference(_ restorer: Restorer) throws -> Float {
            let images = try restorer.restore([y, seen], problem: problem).map(\.image)
            return zip(images[0].pixels, try mirrored(images[1]).pixels).map { abs($0 - $1) }.max() ?? 0
        }
        var restorer = try ensemble(evaluations: 60)
        let both = try largestDifference(restorer)
        restorer.options.selfEnsemble = false
        #expect(try largestDifference(restorer) > 10 * both)
    }

    /// How much the objective fell in the last ten steps of a solve that this ended, as the stop rule counts it: as a part of itself, or of
    /// lambda / 0.0003 where that is more.
    private func lastFall(_ restoration: Restoration, weight: Double) -> Double? {
        let last = restoration.trace.entries.suffix(11).map(\.objective)
        guard restoration.stop == .progress, let first = last.first, let end = last.last else { return nil }
        return (first - end) / max(end, weight / SolverOptions.preconditionedTolerance)
    }

    /// In one of the problems the last fall comes near to what it may be.
    @Test func bothEndAtTheSameTolerance() throws {
        let truth = try Sample.image(height: 8, width: 12)
        var restorer = try ensemble(evaluations: 300)
        let (weight, tolerance) = (1e-4, 1e-6)
        restorer.options.progressTolerance = tolerance
        var falls: [[Double]] = [[], []]
        for problem in try Sample.allProblems(height: 8, width: 12) {
            let y = try Sample.measurement(of: truth, problem)
            let restored = try restorer.restore([y], problem: problem, regularizationWeight: weight)[0]
            falls[0] += [lastFall(restored.restoration, weight: weight)].compactMap { $0 }
            falls[1] += [try lastFall(#require(restored.mirrored), weight: weight)].compactMap { $0 }
        }
        for member in falls {
            #expect(member.allSatisfy { $0 <= tolerance })
            #expect(member.contains { $0 > tolerance / 3 }, "\(falls)")
        }
    }

    /// Where none is named, and with a plain solver that of such a one.
    @Test(arguments: [
        (MinimizerChoice.auto, SolverOptions.selfEnsembleTolerance, SolverOptions.preconditionedTolerance),
        (.lbfgs(), SolverOptions.plainTolerance, 1e-4),
    ])
    func theToleranceIsItsOwn(minimizer: MinimizerChoice, tolerance: Double, another: Double) throws {
        let (height, width) = (16, 24)
        let truth = try Sample.image(height: height, width: width)
        func evaluations(_ named: Double?) throws -> [Int] {
            var restorer = try ensemble(evaluations: 300)
            restorer.options.minimizer = minimizer
            restorer.options.progressTolerance = named
            return try Sample.allProblems(height: height, width: width).flatMap { problem in
                let y = try Sample.measurement(of: truth, problem)
                let restored = try restorer.restore([y], problem: problem)[0]
                return [restored.restoration.evaluations, try #require(restored.mirrored).evaluations]
            }
        }
        #expect(try evaluations(nil) == evaluations(tolerance))
        #expect(try evaluations(nil) != evaluations(another))
    }

    /// A search compares minima, so it has the tolerance of one without a self-ensemble, which another one would change.
    @Test func aSearchIsTheSameWithout() throws {
        let (height, width) = (16, 24)
        let truth = try Sample.image(height: height, width: width)
        func searches(selfEnsemble: Bool, tolerance: Double?) throws -> [Trace] {
            var restorer = try ensemble(evaluations: 300)
            restorer.options.selfEnsemble = selfEnsemble
            restorer.options.progressTolerance = tolerance
            return try Sample.allProblems(height: height, width: width).map { problem in
                let y = try Sample.measurement(of: truth, problem)
                return try restorer.restore([y], problem: problem, regularization: .discrepancy(.known(0.05)))[0].restoration.trace
            }
        }
        func objectives(_ traces: [Trace]) -> [[Double]] { traces.map { $0.entries.map(\.objective) } }
        let plain = objectives(try searches(selfEnsemble: false, tolerance: nil))
        #expect(objectives(try searches(selfEnsemble: true, tolerance: nil)) == plain)
        #expect(objectives(try searches(selfEnsemble: false, tolerance: SolverOptions.selfEnsembleTolerance)) != plain)
    }

    /// A rule is asked for lambda once: the second solve takes what the first has found.
    @Test func theSecondSolveHasTheWeightOfTheFirst() throws {
        let y = try Sample.measurement(of: try Sample.image(height: 8, width: 12), .denoise)
        let restorer = try ensemble(evaluations: 15)
        let restored = try restorer.restore([y], problem: .denoise, regularization: .discrepancy(.known(0.05)))[0]
        let second = try #require(restored.mirrored)
        let norm = second.latent.reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(!restored.regularizationPath.isEmpty)
        #expect(abs(second.prior - restored.regularizationWeight / 2 * norm) < 1e-5 * second.prior)
        #expect(second.evaluations <= 15)
    }

    /// Also where the canvas is larger than the image.
    @Test(arguments: [(8, 8), (9, 11)])
    func bothBeginAtTheStartThatIsNamed(height: Int, width: Int) throws {
        let restorer = try ensemble(evaluations: 1)
        let truth = try Sample.image(height: height, width: width)
        let shape = try Cropping.padding(truth.shape, toMultipleOf: restorer.prior.sizeMultiple).imageShape
        let canvas = try Sample.image(height: shape.height, width: shape.width, phase: 1)
        let shift = restorer.prior.architecture.pixelShift
        let start = canvas.pixels.map { $0 + shift }
        var plain = restorer
        plain.options.selfEnsemble = false
        let images = try [restorer, plain].map {
            try $0.restore([ImageMeasurement(truth)], problem: .denoise, start: .image(start))[0].image
        }
        #expect(images[0] == images[1])
    }

    @Test func aStartOfTheWrongSizeIsRefused() throws {
        let y = ImageMeasurement(try Sample.image(height: 8, width: 8))
        #expect(throws: SolverError.self) {
            try ensemble(evaluations: 1).restore([y], problem: .denoise, start: .image([1, 2, 3]))
        }
    }

    /// The image of an iterate is what the result would be there, and counts go on from the first solve to the second.
    @Test func progressIsThatOfBothSolves() throws {
        let images = [try Sample.image(height: 8, width: 8), try Sample.image(height: 8, width: 8, phase: 1)]
        var seen: [Int: [(entry: Trace.Entry, isMirrored: Bool, image: Image)]] = [:]
        let restored = try ensemble(evaluations: 4).restore(images.map { ImageMeasurement($0) }, problem: .denoise) {
            seen[$0.measurement, default: []].append(($0.entry, $0.isMirrored, try $0.image()))
        }
        for (index, image) in restored.enumerated() {
            let (iterates, first) = (try #require(seen[index]), image.restoration)
            let second = try #require(image.mirrored)
            #expect(iterates.map(\.entry) == image.trace.entries)
            #expect(iterates.prefix { !$0.isMirrored }.map(\.entry) == first.trace.entries)
            let mirrored = iterates.drop { !$0.isMirrored }
            #expect(mirrored.map(\.entry.objective) == second.trace.entries.map(\.objective))
            #expect(mirrored.map(\.entry.evaluation) == second.trace.entries.map { $0.evaluation + first.evaluations })
            #expect(mirrored.map(\.entry.passes) == second.trace.entries.map { $0.passes + first.passes })
            #expect(zip(iterates, iterates.dropFirst()).allSatisfy { $0.entry.seconds <= $1.entry.seconds })
            // The second begins at the image of the first.
            #expect(mirrored.first?.image == iterates[first.trace.entries.count - 1].image)
            #expect(mirrored.last?.image == image.image)
            #expect(mirrored.first?.image != image.image)
        }
    }
}

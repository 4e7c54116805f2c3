import Foundation
import Reglow
import TestSupport
import Testing

@Suite struct NoisyPriorStreamTests {
    /// A small flow that says it is a density of images with noise.
    private func prior() throws -> Glow {
        var parameters = try GlowParameters(reading: RandomGlow.tiny(coupling: .affine))
        parameters.card.entries.merge(["name": "tiny", "noise_deviation": "0.05", "noise_levels": "0.01,0.2"]) { $1 }
        return try Glow(parameters)
    }

    private func restorer(_ prior: Glow, threads: Int = 1, _ change: (inout SolverOptions) -> Void = { _ in }) -> Restorer {
        var options = SolverOptions()
        change(&options)
        return Restorer(prior: prior, options: options, threads: threads)
    }

    private let image = try? Sample.image(height: 16, width: 32)

    /// Every problem has steps, of the data and of the prior, and ends with them; so has a picture some of whose pixels are not trusted.
    @Test func otherProblemsAreSplit() throws {
        let (prior, image) = (try prior(), try #require(image))
        let problems: [(Problem, Int)] = [
            (.deblur(try .uniform(3)), 16), (.superresolve(scale: 2), 24), (.inpaint(.hole(4)), 24), (.inpaint(.random(0.5)), 24),
        ]
        for (problem, steps) in problems {
            let measured = try Sample.measurement(of: image, problem, seed: 3)
            let restored = try restorer(prior).restore(
                [measured], problem: problem, regularization: .noiseVariance(.known(0.02)))[0]
            #expect(restored.restoration.stop == .schedule && restored.evaluations == steps)
            #expect(restored.image.shape.channels == 3 && restored.image.pixels.allSatisfy(\.isFinite))
        }
        let trusted = [Bool](repeating: true, count: image.shape.count - 1) + [false]
        let restored = try restorer(prior).restore(
            [ImageMeasurement(image, trusted: trusted)], problem: .denoise, regularization: .noiseVariance(.known(0.02)))[0]
        #expect(restored.evaluations == 24)
    }

    /// Alone or in company, on any number of threads: the same bits.
    @Test func companionsAndThreadsDoNotMatter() throws {
        let (prior, image) = (try prior(), try #require(image))
        let other = try Image(shape: image.shape, pixels: image.pixels.reversed())
        let problem = Problem.deblur(try .uniform(3))
        let measured = try [image, other].map { try Sample.measurement(of: $0, problem, seed: 3) }
        let both = try restorer(prior, threads: 2).restore(measured, problem: problem, noiseDeviation: 0.02)
        for index in measured.indices {
            let alone = try restorer(prior).restore([measured[index]], problem: problem, noiseDeviation: 0.02)[0]
            #expect(alone.image == both[index].image)
        }
    }

    /// An ensemble is within the one solve, and adds its views to the evaluations; there is no second one.
    @Test(arguments: [2, 5]) func anEnsembleIsInTheLastStep(_ views: Int) throws {
        let (prior, problem) = (try prior(), Problem.deblur(try .uniform(3)))
        let measured = try Sample.measurement(of: try #require(image), problem, seed: 3)
        let restored = try restorer(prior) { $0.ensemble = views }.restore([measured], problem: problem, noiseDeviation: 0.02)[0]
        #expect(restored.evaluations == 15 + views && restored.mirrored == nil)
        #expect(restored.image != (try restorer(prior).restore([measured], problem: problem, noiseDeviation: 0.02)[0].image))
    }

    /// No more than 16 views, and with a prior that is minimized no more than 2.
    @Test func anEnsembleHasABound() throws {
        let image = try #require(image)
        #expect(throws: SolverError.self) {
            try restorer(prior()) { $0.ensemble = 17 }.restore([ImageMeasurement(image)], problem: .denoise, noiseDeviation: 0.1)
        }
        let minimized = try Glow(RandomGlow.tiny())
        #expect(throws: SolverError.self) {
            try restorer(minimized) { $0.ensemble = 3 }.restore([ImageMeasurement(image)], problem: .denoise, noiseDeviation: 0.1)
        }
    }

    /// What the caller's closure throws ends the call; what is wrong with an image ends that image.
    @Test func errorsBelongToWhoMadeThem() throws {
        struct Own: Error {}
        let (prior, problem) = (try prior(), Problem.deblur(try .uniform(3)))
        let measured = try Sample.measurement(of: try #require(image), problem, seed: 3)
        #expect(throws: Own.self) {
            try restorer(prior).restore([measured], problem: problem, noiseDeviation: 0.02) { _ in throw Own() }
        }
        #expect(throws: Own.self) {
            try restorer(prior).restore([measured], problem: .denoise, noiseDeviation: 0.02) { _ in throw Own() }
        }
    }

    /// What asks for a minimum is refused with the prior's name: a search, plain solvers, the full map, a sample to start at.
    @Test func minimaAreRefused() throws {
        let (prior, image) = (try prior(), try #require(image))
        func refuses(
            _ problem: Problem, _ rule: RegularizationRule = .noiseVariance(.known(0.05)), start: Initialization? = nil,
            sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout SolverOptions) -> Void = { _ in }
        ) {
            let error = #expect(throws: MeasurementError.self, sourceLocation: sourceLocation) {
                _ = try restorer(prior, change).restore([ImageMeasurement(image)], problem: problem, regularization: rule, start: start)
            }
            let names = "\(error?.reason as Any)".contains("tiny")
            #expect(names, sourceLocation: sourceLocation)
        }
        for problem in [Problem.denoise, .inpaint(.hole(4))] {
            refuses(problem, .discrepancy(.known(0.05)))
            refuses(problem, .whiteness)
            refuses(problem, start: .random(seed: 1))
            refuses(problem) { $0.minimizer = .lbfgs() }
            refuses(problem) { $0.includeLogDeterminant = true }
        }
    }
}

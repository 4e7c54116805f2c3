import Foundation
import Reglow
import TestSupport
import Testing

@Suite struct TrustStatisticsTests {
    private func restored(_ problem: Problem, _ truth: Image, seed: UInt64 = 5, formulation: Formulation? = nil) throws -> RestoredImage {
        let y = try Sample.measurement(of: truth, problem, seed: seed)
        return try Sample.restorer(try Sample.prior(), formulation, evaluations: 200).restore([y], problem: problem)[0]
    }

    /// Held against plain loops over the latent, level after level.
    @Test func levelsAreThoseOfTheLatent() throws {
        let found = try restored(.denoise, Sample.image(height: 8, width: 16))
        let statistics = try #require(found.trust.statistics)
        let latent = found.restoration.latent.map(Double.init)
        let cuts = [0 ..< 192, 192 ..< 384]
        #expect(statistics.levels.map(\.count) == cuts.map(\.count) && latent.count == 384)
        for ((level, cut), (height, width)) in zip(zip(statistics.levels, cuts), [(4, 8), (2, 4)]) {
            let values = Array(latent[cut])
            let second = values.map { $0 * $0 }.reduce(0, +) / Double(values.count)
            let fourth = values.map { pow($0, 4) }.reduce(0, +) / Double(values.count)
            var (products, pairs) = (0.0, 0.0)
            for plane in 0 ..< values.count / (height * width) {
                for row in 0 ..< height {
                    for column in 0 ..< width {
                        func at(_ y: Int, _ x: Int) -> Double { values[(plane * height + y) * width + x] }
                        if column + 1 < width { (products, pairs) = (products + at(row, column) * at(row, column + 1), pairs + 1) }
                        if row + 1 < height { (products, pairs) = (products + at(row, column) * at(row + 1, column), pairs + 1) }
                    }
                }
            }
            #expect(abs(level.energy - second) < 1e-9 * second)
            #expect(abs(level.kurtosis - fourth / (second * second)) < 1e-9 * level.kurtosis)
            #expect(abs(level.autocorrelation - products / pairs / second) < 1e-9)
        }
    }

    /// They are the terms of the objective in other units, whatever the operator, also on a canvas that is larger than the image.
    @Test func misfitAndSurpriseAreTermsOfTheObjective() throws {
        for problem in try Sample.allProblems(height: 10, width: 14) {
            let found = try restored(problem, Sample.image(height: 10, width: 14))
            let (statistics, solve) = (try #require(found.trust.statistics), found.restoration)
            let measured = Double(statistics.measured)
            let misfit = 2 * solve.dataFidelity / (measured * solve.regularizationWeight)
            #expect(abs(statistics.misfit - misfit) < 1e-3 * misfit, "\(problem)")
            let surprise = 2 * solve.objective / (measured * solve.regularizationWeight)
            #expect(abs(try #require(statistics.surprise) - surprise) < 1e-3 * surprise, "\(problem)")
            #expect(statistics.estimate == .minimum)
        }
    }

    @Test func onlyWhatIsMeasuredCounts() throws {
        let truth = try Sample.image(height: 8, width: 8)
        let size = Problem.ImageSize(height: 8, width: 8)
        let keep = (0 ..< 64).map { $0 % 4 != 0 }
        #expect(try restored(.inpaint(.mask(keep: keep, size: size)), truth).trust.statistics?.measured == 3 * 48)
        #expect(try restored(.superresolve(scale: 2), truth).trust.statistics?.measured == 3 * 16)
        let compressive = try restored(.compressive(measurements: 60, image: size), truth).trust.statistics
        #expect(compressive?.measured == 60 && compressive?.whiteness == nil)
    }

    /// The prior of the tests is nearly linear, so that the law of the surprise holds: for truths drawn from it the mean is 1 for each operator, and
    /// with noise twice as strong as was told it is not.
    @Test func truthsDrawnFromThePriorAreAsSurprisingAsTheLawSays() throws {
        let prior = try Sample.prior()
        let size = Problem.ImageSize(height: 16, width: 16)
        let truths = try prior.sample(count: 6, size: size, temperature: 1, seed: 2)
        for problem in [Problem.denoise, .deblur(try .uniform(3)), .superresolve(scale: 2), .inpaint(.random(0.6))] {
            let all = try truths.enumerated().map { index, truth in
                try #require(try restored(problem, truth, seed: UInt64(index)).trust.statistics)
            }
            let mean = try all.map { try #require($0.surprise) }.reduce(0, +) / Double(all.count)
            let spread = (2 / Double(all[0].measured * all.count)).squareRoot()
            #expect(abs(mean - 1) < 0.1 + 4 * spread, "\(problem): \(mean)")
        }
    }

    @Test(arguments: [nil, Formulation.analysis, .synthesis]) func theWayBackIsLookedAt(_ formulation: Formulation?) throws {
        let prior = try Sample.prior()
        let found = try restored(.denoise, Sample.image(height: 8, width: 8), formulation: formulation)
        let error = try #require(found.restoration.roundTripError)
        let shape = ImageShape(channels: 3, height: 8, width: 8)
        var back = [Float](repeating: 0, count: shape.count)
        prior.inverse(
            found.restoration.latent, count: 1, recording: try prior.makeLinearization(imageShape: shape, capacity: 1, threads: 1),
            into: &back)
        let expected = zip(back, found.restoration.image).map { Double(abs($0 - $1)) }.max() ?? 0
        #expect(error < 1e-4 && error >= 0)
        if formulation == .analysis { #expect(error == expected) }
        #expect(found.trust.statistics?.roundTripError == error)
    }

    /// A prior of noisy pictures gives no minimum: the mean of a picture has the law of the picture's latent, a splitting has none.
    @Test func aPriorOfNoisyPicturesHasLawsOfItsOwn() throws {
        let restorer = Restorer(prior: try tiny(.affine, ["noise_deviation": "0.05", "noise_levels": "0.01,0.2"]), threads: 1)
        let image = try Sample.image(height: 16, width: 32)
        for (problem, estimate) in [(Problem.denoise, TrustStatistics.Estimate.mean), (.deblur(try .uniform(3)), .splitting)] {
            let y = try Sample.measurement(of: image, problem)
            let restored = try restorer.restore([y], problem: problem, noiseDeviation: 0.02)[0]
            let statistics = try #require(restored.trust.statistics)
            #expect(statistics.estimate == estimate && (statistics.surprise != nil) == (estimate == .mean))
            let energy = restored.restoration.latent.reduce(0) { $0 + Double($1) * Double($1) } / Double(image.shape.count)
            if let surprise = statistics.surprise { #expect(abs(surprise - energy) < 1e-9 * energy) }
            let misfit = 2 * restored.restoration.dataFidelity / (Double(statistics.measured) * 0.02 * 0.02)
            #expect(abs(statistics.misfit - misfit) < 1e-3 * misfit)
        }
    }

    /// A small flow with these entries in its card.
    private func tiny(_ coupling: GlowArchitecture.Coupling, _ entries: [String: String]) throws -> Glow {
        var parameters = try GlowParameters(reading: RandomGlow.tiny(coupling: coupling))
        parameters.card.entries.merge(entries) { $1 }
        return try Glow(parameters)
    }

    /// Held against plain loops: the energy of the latent of the blurred picture upside down, less that of the picture as it stands.
    @Test func aPriorOfUprightPicturesLooksAtThePictureUpsideDown() throws {
        let (side, channels) = (24, 3)
        let prior = try tiny(.additive, ["upright": "24x24"])
        let y = try Sample.measurement(of: try Sample.image(height: side, width: side), .denoise)
        let found = try Sample.restorer(prior, evaluations: 20).restore([y], problem: .denoise)[0]
        let weights = (-8 ... 8).map { exp(-0.5 * pow(Double($0) / 2, 2)) }
        let total = weights.reduce(0, +)
        func reflected(_ index: Int) -> Int { index < 0 ? -1 - index : index < side ? index : 2 * side - 1 - index }
        func blurred(_ x: [Float], upsideDown: Bool) -> [Float] {
            (0 ..< channels * side * side).map { index in
                let (channel, row, column) = (index / (side * side), index / side % side, index % side)
                let from = upsideDown ? side - 1 - row : row
                var sum = 0.0
                for a in -8 ... 8 {
                    for b in -8 ... 8 {
                        let value = x[(channel * side + reflected(from + a)) * side + reflected(column + b)]
                        sum += weights[a + 8] * weights[b + 8] / (total * total) * Double(value)
                    }
                }
                return Float(sum)
            }
        }
        let point = try prior.makeLinearization(imageShape: found.image.shape, capacity: 1, threads: 1)
        func energy(_ image: [Float]) -> Double {
            var (latent, determinant) = ([Float](repeating: 0, count: image.count), [0.0])
            prior.forward(image, count: 1, recording: point, into: &latent, logDeterminants: &determinant)
            return latent.reduce(0) { $0 + Double($1) * Double($1) } / 2
        }
        let x = found.restoration.image
        let expected = energy(blurred(x, upsideDown: true)) - energy(blurred(x, upsideDown: false))
        let uprightness = try #require(found.trust.statistics?.uprightness)
        #expect(abs(uprightness - expected) < 1e-3 * max(1, abs(expected)), "\(uprightness) \(expected)")
        #expect(found.trust.findings.contains { $0.kind == .notUpright } == (uprightness < 20))
        // Then the way back is looked at for large numbers only.
        #expect(found.restoration.roundTripError == nil)
        let far = try Image(shape: found.image.shape, pixels: found.image.pixels.map { 300 * $0 })
        let other = try Sample.restorer(prior, evaluations: 3).restore([try Sample.measurement(of: far, .denoise)], problem: .denoise)[0]
        #expect(other.restoration.roundTripError != nil && other.restoration.uprightness != nil)
    }

    /// It is that of the measurement alone, whatever the canvas, and of what is not trusted as the result has it.
    @Test func thePointSpreadIsComparedWhereSomethingWasBlurred() throws {
        let truth = try Sample.image(height: 46, width: 50)
        let p = try PointSpread.uniform(3)
        for border in [Border.periodic, .unknown] {
            let problem = Problem.deblur(p, border: border)
            let y = try Sample.measurement(of: truth, problem)
            let statistics = try #require(
                try Sample.restorer(try Sample.prior(), evaluations: 3).restore([y], problem: problem)[0].trust.statistics)
            let expected = try #require(
                try PointSpreadComparison(
                    y.values, y.shape, pointSpread: p, isPeriodic: border == .periodic, noiseVariance: 0.01 * 0.01 / 3))
            let gain = try #require(statistics.pointSpreadGain)
            #expect(abs(gain - expected.gain) < 0.02 * max(1, abs(expected.gain)), "\(gain) \(expected)")
            #expect(statistics.pointSpreadWidth == expected.width)
            var masked = y
            let trusted = (0 ..< y.shape.pixels).map { $0 % 50 != 7 }
            masked.trusted = trusted
            let other = try Sample.restorer(try Sample.prior(), evaluations: 40).restore([masked], problem: problem)[0].trust.statistics
            #expect(try #require(other?.pointSpreadGain).isFinite)
        }
        #expect(try restored(.denoise, truth).trust.statistics?.pointSpreadGain == nil)
        #expect(try restored(.superresolve(scale: 2), truth).trust.statistics?.pointSpreadWidth == nil)
    }

    /// Other sizes, canvases that are larger than the picture, and priors of which it is not known have none.
    @Test(arguments: ["8x8", "24x24 ", "no", ""]) func otherPriorsDoNot(_ size: String) throws {
        let y = try Sample.measurement(of: try Sample.image(height: 24, width: 24), .denoise)
        let found = try Sample.restorer(try tiny(.additive, ["upright": size]), evaluations: 3).restore([y], problem: .denoise)[0]
        #expect(found.restoration.uprightness == nil && found.trust.statistics?.uprightness == nil)
        let affine = try Sample.restorer(try tiny(.affine, ["upright": "24x24"]), evaluations: 3).restore([y], problem: .denoise)[0]
        #expect(affine.restoration.uprightness == nil)
    }

    /// Alone, in company and with more threads the statistics are the same to the last bit.
    @Test func companyDoesNotMatter() throws {
        let problem = Problem.inpaint(.random(0.5))
        let measurements = try (0 ..< 3).map {
            try Sample.measurement(of: Sample.image(height: 8, width: 8, phase: Double($0)), problem, seed: 4)
        }
        let alone = try measurements.map { try Sample.restorer(try Sample.prior()).restore([$0], problem: problem)[0].trust }
        let together = try Sample.restorer(try Sample.prior(), threads: 3).restore(measurements, problem: problem).map(\.trust)
        #expect(alone == together)
    }
}

import Foundation
import Reglow
import Testing

@Suite struct RegularizationRuleTests {
    static let rules: [RegularizationRule] = [
        .fixed(1e-3), .noiseVariance(.known(0.02)), .noiseVariance(.estimated), .discrepancy(.known(0.02)),
        .discrepancy(.estimated), .whiteness,
    ]

    static let problem = Problem.inpaint(.random(0.2))

    static func measurements() throws -> [ImageMeasurement] {
        try [(12, 12), (14, 10), (12, 12)].enumerated().map {
            try Sample.measurement(of: Sample.image(height: $1.0, width: $1.1, phase: Double($0)), problem, seed: UInt64($0))
        }
    }

    @Test(arguments: rules)
    func eachImageHasItsOwnWeight(rule: RegularizationRule) throws {
        let prior = try Sample.prior()
        let measurements = try Self.measurements()
        let together = try Sample.restorer(prior, threads: 2).restore(measurements, problem: Self.problem, regularization: rule)
        for (index, measurement) in measurements.enumerated() {
            let alone = try Sample.restorer(prior).restore([measurement], problem: Self.problem, regularization: rule)[0]
            #expect(alone.image == together[index].image)
            #expect(alone.regularizationWeight == together[index].regularizationWeight)
            #expect(alone.regularizationPath == together[index].regularizationPath)
            #expect(alone.noiseDeviation == together[index].noiseDeviation)
            #expect(alone.regularizationWeight > 0)
            #expect(
                alone.regularizationPath.isEmpty
                    || alone.regularizationPath.contains { $0.regularizationWeight == alone.regularizationWeight })
        }
    }

    @Test func rulesWithoutASearchAreOneSolve() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let measurements = try Self.measurements()
        let fixed = try restorer.restore(measurements, problem: Self.problem, regularization: .fixed(0.02 * 0.02))
        let variance = try restorer.restore(measurements, problem: Self.problem, regularization: .noiseVariance(.known(0.02)))
        let plain = try restorer.restore(measurements, problem: Self.problem, noiseDeviation: 0.02)
        #expect(fixed.map(\.image) == plain.map(\.image))
        #expect(variance.map(\.image) == plain.map(\.image))
        #expect(variance.map(\.noiseDeviation) == [0.02, 0.02, 0.02])
        #expect(fixed.allSatisfy { $0.regularizationPath.isEmpty && $0.isRegularizationSettled && $0.noiseDeviation == nil })
        let estimated = try restorer.restore(measurements, problem: Self.problem, regularization: .noiseVariance(.estimated))
        for image in estimated {
            let deviation = try #require(image.noiseDeviation)
            #expect(image.regularizationWeight == Restorer.defaultRegularizationWeight(noiseDeviation: deviation))
        }
        #expect(Set(estimated.map(\.regularizationWeight)).count > 1)
    }

    /// A picture of 8 bits without noise: nothing but rounding is found, which a blur's inverse would make too much of.
    @Test func anEstimateThatIsNoMeasurementIsNotTrustedToUndoABlur() throws {
        let blur = Problem.deblur(try .uniform(3), border: .unknown)
        let truth = try Sample.image(height: 40, width: 40)
        let rounded = try Image(shape: truth.shape, pixels: truth.pixels.map { (min(max($0, 0), 1) * 255).rounded() / 255 })
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 2)
        let deblurred = try restorer.restore([ImageMeasurement(rounded)], problem: blur, regularization: .noiseVariance(.estimated))[0]
        let estimate = try #require(deblurred.noiseEstimate)
        #expect(estimate.verdict != .measured && estimate.deviation < 0.01)
        #expect(deblurred.noiseDeviation == 0.01)
        #expect(deblurred.regularizationWeight == Restorer.defaultRegularizationWeight(noiseDeviation: 0.01))
        let denoised = try restorer.restore([ImageMeasurement(rounded)], problem: .denoise, regularization: .noiseVariance(.estimated))[0]
        #expect(denoised.noiseDeviation == estimate.deviation)
        let told = try restorer.restore([ImageMeasurement(rounded)], problem: blur, regularization: .noiseVariance(.known(0.001)))[0]
        #expect(told.noiseDeviation == 0.001)
    }

    /// On the canvas that the flow takes, which is larger, only the image itself is measured.
    @Test func discrepancyIsMetOnAnyCanvas() throws {
        let truth = try Sample.image(height: 13, width: 11)
        let y = try Sample.measurement(of: truth, .denoise)
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 400)
        let restored = try restorer.restore([y], problem: .denoise, regularization: .discrepancy(.known(0.05)))[0]
        #expect(restored.isRegularizationSettled)
        let (first, last) = (try #require(restored.regularizationPath.first), try #require(restored.regularizationPath.last))
        let statistic = 2 * (last.dataFidelity + last.prior) / (0.05 * 0.05 * Double(truth.shape.count))
        #expect(abs(statistic - last.measure) < 1e-3)
        #expect(restored.regularizationPath.count > 1)
        #expect(abs(log(last.measure)) < 0.8 * abs(log(first.measure)))
    }

    /// From the same sigma the search goes less far where it is an estimate.
    @Test func anEstimatedSigmaIsTrustedLess() throws {
        let y = try Sample.measurement(of: try Sample.image(height: 13, width: 11), .denoise)
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 400)
        let estimated = try restorer.restore([y], problem: .denoise, regularization: .discrepancy(.estimated))[0]
        let deviation = try #require(estimated.noiseDeviation)
        let known = try restorer.restore([y], problem: .denoise, regularization: .discrepancy(.known(deviation)))[0]
        let steps = [estimated, known].map {
            abs(log($0.regularizationWeight / Restorer.defaultRegularizationWeight(noiseDeviation: deviation)))
        }
        #expect(steps[1] > 0.2 && steps[0] < 0.95 * steps[1], "\(steps)")
    }

    @Test func aGreyMeasurementIsEstimatedInItsOneChannel() throws {
        let restorer = Sample.restorer(try Sample.prior(), evaluations: 2)
        let grey = try Sample.image(height: 16, width: 16, channels: 1)
        let y = try Degradation(Identity(imageShape: grey.shape), noiseDeviation: 0.05, seed: 3).measure(grey.pixels)
        let measurement = ImageMeasurement(try Image(shape: grey.shape, pixels: y))
        let restored = try restorer.restore([measurement], problem: .denoise, regularization: .noiseVariance(.estimated))
        #expect(abs(try #require(restored[0].noiseDeviation) / 0.05 - 1) < 0.4)
    }

    @Test func whatARuleCannotDoIsRefused() throws {
        let restorer = Sample.restorer(try Sample.prior())
        let size = Problem.ImageSize(height: 8, width: 8)
        let problem = Problem.compressive(measurements: 60, image: size)
        let y = try Sample.measurement(of: Sample.image(height: 8, width: 8), problem)
        for rule in [RegularizationRule.whiteness, .noiseVariance(.estimated), .discrepancy(.estimated)] {
            #expect(throws: MeasurementError.self, "\(rule)") { try restorer.restore([y], problem: problem, regularization: rule) }
        }
        #expect(try restorer.restore([y], problem: problem, regularization: .discrepancy(.known(0.01)))[0].regularizationWeight > 0)
        #expect(throws: SolverError.self) { try restorer.restore([y], problem: problem, regularization: .fixed(-1)) }
    }
}

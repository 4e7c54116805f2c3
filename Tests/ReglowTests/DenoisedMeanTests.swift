import Foundation
import InverseSolvers
import Reglow
import TestSupport
import Testing

@Suite struct DenoisedMeanTests {
    private let sigma = 0.08

    /// A small flow that says it is a density of images with noise.
    private func prior(_ deviation: Double = 0.05) throws -> Glow {
        var parameters = try GlowParameters(reading: RandomGlow.tiny(coupling: .affine))
        parameters.card.entries.merge(["name": "tiny", "noise_deviation": "\(deviation)", "noise_levels": "0.01,0.2"]) { $1 }
        return try Glow(parameters)
    }

    private func restorer(_ prior: Glow, threads: Int = 1, _ change: (inout SolverOptions) -> Void = { _ in }) -> Restorer {
        var options = SolverOptions()
        change(&options)
        return Restorer(prior: prior, options: options, threads: threads)
    }

    /// y - sigma^2 c J'(f - grad log|det|) with the products of the flow itself, at c (y - 1/2).
    private func expected(_ image: Image, _ prior: Glow, gain: Float, variance: Float) throws -> [Float] {
        let point = try prior.makeLinearization(imageShape: image.shape, capacity: 1, threads: 1)
        let n = image.shape.count
        var (latent, determinant, slope) = ([Float](repeating: 0, count: n), [0.0], [Float](repeating: 0, count: n))
        prior.forward(image.pixels.map { gain * ($0 - 0.5) }, count: 1, recording: point, into: &latent, logDeterminants: &determinant)
        prior.forwardVJP(at: point, cotangent: latent, logDeterminantWeight: -1, into: &slope)
        return zip(image.pixels, slope).map { $0 - variance * gain * $1 }
    }

    private func matches(_ a: [Float], _ b: [Float]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 2e-5 } }

    @Test func itIsTheMeanInClosedForm() throws {
        let (prior, image) = (try prior(), try Sample.image(height: 8, width: 16))
        let restored = try restorer(prior).restore(
            [ImageMeasurement(image)], problem: .denoise, regularization: .noiseVariance(.known(sigma)))[0]
        #expect(matches(restored.image.pixels, try expected(image, prior, gain: 0.625, variance: 0.0064)))
        #expect(restored.evaluations == 1)
        #expect(restored.restoration.stop == .closedForm)
        #expect(restored.image.pixels != image.pixels)
    }

    /// The mean of what all views give where they see a pixel: the second is the mirror image, moved by one pixel down and three to the left of a grid of 4.
    @Test func anEnsembleIsTheMeanOverItsViews() throws {
        let (prior, image) = (try prior(), try Sample.image(height: 8, width: 16))
        var entries: [Int] = []
        let restored = try restorer(prior) { $0.ensemble = 2 }.restore(
            [ImageMeasurement(image)], problem: .denoise, regularization: .noiseVariance(.known(sigma)),
            onProgress: { entries.append($0.entry.evaluation) })[0]
        let plain = try expected(image, prior, gain: 0.625, variance: 0.0064)
        let view = PriorView.ensemble(2, grid: prior.sizeMultiple)[1]
        let (rows, columns) = (view.rows(of: 8), view.columns(of: 16))
        #expect(view.isMirrored && view.rows != 0 && view.columns != 0)
        let seen = try Image(channels: 3, height: 8, width: 16) { row, column, channel in
            image.pixels[(channel * 8 + rows[row].index) * 16 + columns[column].index]
        }
        let mean = try expected(seen, prior, gain: 0.625, variance: 0.0064)
        var both = plain
        for index in mean.indices {
            let (row, column) = (rows[index / 16 % 8], columns[index % 16])
            guard row.isItself, column.isItself else { continue }
            let pixel = (index / 128 * 8 + row.index) * 16 + column.index
            both[pixel] = (plain[pixel] + mean[index]) / 2
        }
        #expect(matches(restored.image.pixels, both))
        #expect(restored.image.pixels != plain)
        #expect(restored.evaluations == 2 && entries == [2] && restored.trace.entries.map(\.evaluation) == [2])
    }

    /// A size that the flow does not take is continued by its mirror image.
    @Test func aCanvasIsTheImageReflected() throws {
        let (prior, image) = (try prior(), try Sample.image(height: 7, width: 13))
        let restored = try restorer(prior).restore(
            [ImageMeasurement(image)], problem: .denoise, regularization: .noiseVariance(.known(sigma)))[0]
        let scene = try SceneCanvas(Problem.denoise.scene(around: Problem.ImageSize(height: 7, width: 13)), prior: prior)
        let (top, left) = (scene.image.top, scene.image.left)
        func reflected(_ index: Int, _ length: Int) -> Int { index < 0 ? -1 - index : index < length ? index : 2 * length - 1 - index }
        let canvas = try Image(channels: 3, height: scene.shape.height, width: scene.shape.width) { row, column, channel in
            image.pixels[(channel * 7 + reflected(row - top, 7)) * 13 + reflected(column - left, 13)]
        }
        let whole = try Image(shape: scene.shape, pixels: expected(canvas, prior, gain: 0.625, variance: 0.0064))
        #expect(scene.shape != image.shape)
        #expect(matches(restored.image.pixels, try scene.image.apply(whole.pixels)))
    }

    /// One noise in three channels is as strong in their mean as three of sqrt(3) sigma.
    @Test func aGreyPictureHasOneNoise() throws {
        let (prior, image) = (try prior(), try Sample.image(height: 8, width: 16, channels: 1))
        let restored = try restorer(prior).restore(
            [ImageMeasurement(image)], problem: .denoise, regularization: .noiseVariance(.known(sigma)))[0]
        let colour = try Image(shape: ImageShape(channels: 3, height: 8, width: 16), pixels: image.pixels + image.pixels + image.pixels)
        let gain = Float(0.05 / (3.0.squareRoot() * sigma))
        #expect(matches(restored.image.pixels, try expected(colour, prior, gain: gain, variance: Float(3 * sigma * sigma))))
        // So has one that was kept in colour.
        let kept = try restorer(prior).restore(
            [ImageMeasurement(colour)], problem: .denoise, regularization: .noiseVariance(.known(sigma)))[0]
        #expect(kept.image == restored.image)
    }

    /// The same bits for any threads, alone and in company, by a session and in parts.
    @Test func companionsChangeNothing() throws {
        let prior = try prior()
        let images = try (0 ..< 3).map { ImageMeasurement(try Sample.image(height: 16, width: 16, phase: Double($0))) }
        let together = try restorer(prior, threads: 3).restore(images, problem: .denoise, noiseDeviation: sigma)
        for (image, restored) in zip(images, together) {
            #expect(try restorer(prior).restore([image], problem: .denoise, noiseDeviation: sigma)[0].image == restored.image)
        }
    }
}

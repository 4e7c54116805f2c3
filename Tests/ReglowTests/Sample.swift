import Reglow
import TestSupport

/// A small flow that is quick to run, and images that it has never seen.
enum Sample {
    static func prior(coupling: GlowArchitecture.Coupling = .additive, precision: Precision = .fp32) throws -> Glow {
        try Glow(RandomGlow.tiny(coupling: coupling), precision: precision)
    }

    /// A smooth colour picture with an edge.
    static func image(height: Int, width: Int, phase: Double = 0, channels: Int = 3) throws -> Image {
        try Image(channels: channels, height: height, width: width) { row, column, channel in
            let wave = Double(row + 2 * column * (channel + 1)) / 9 + phase
            return Float(0.5 + 0.2 * wave.truncatingRemainder(dividingBy: 2) * (column > width / 2 ? 1 : -1) * 0.5)
        }
    }

    static func measurement(of image: Image, _ problem: Problem, seed: UInt64 = 5) throws -> ImageMeasurement {
        let a = try problem.forwardOperator(imageShape: image.shape, seed: seed, parallelism: Parallelism(threads: 1))
        let y = try Degradation(a, noiseDeviation: 0.01, seed: seed).measure(image.pixels)
        if case .compressive = problem { return ImageMeasurement(vector: y, seed: seed) }
        return ImageMeasurement(try Image(shape: a.measurementShape, pixels: y), seed: seed)
    }

    static func restorer(
        _ prior: Glow, _ formulation: Formulation? = nil, threads: Int = 1, evaluations: Int = 25
    ) -> Restorer {
        var options = SolverOptions()
        if formulation != nil { options.minimizer = .lbfgs() }
        options.formulation = formulation
        options.maximumEvaluations = evaluations
        return Restorer(prior: prior, options: options, threads: threads)
    }

    static func allProblems(height: Int, width: Int) throws -> [Problem] {
        var keep = [Bool](repeating: true, count: height * width)
        for index in stride(from: 0, to: keep.count, by: 3) { keep[index] = false }
        let size = Problem.ImageSize(height: height, width: width)
        return [
            .denoise, .deblur(try .uniform(5)), .deblur(try .uniform(3), border: .reflect), .superresolve(scale: 2),
            .inpaint(.random(0.6)), .inpaint(.hole(4)), .inpaint(.mask(keep: keep, size: size)),
            .compressive(measurements: 60, image: size),
        ]
    }
}

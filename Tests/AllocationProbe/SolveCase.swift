import AllocationCounter
import Reglow

/// Ten warm iterations of a minimizer, on every kind of operator, for one image and for a batch.
///
/// The count begins and ends at accepted iterates of the first image, so it holds all that a solve does between them: the flow, the
/// operator, the minimizer, its trace and the loop around them.
///
/// When a solve can get no lower in single precision depends on the last bits of the operator, and those of a matrix on the processor:
/// OpenBLAS has other kernels for each. So a solve that ends before the count does is followed by one of another measurement.
struct SolveCase {
    let minimizer: MinimizerChoice
    /// Nil for the minimizer that chooses it itself.
    let formulation: Formulation?
    let threads: Int

    /// Iterations before the count begins; the memory of L-BFGS is full by then, and a solve that begins in the latent is in the image.
    private var warm: Int { minimizer == .auto ? 50 : 6 }
    private static let counted = 10
    private static let evaluations = 84
    private static let mostMeasurements = 12

    func run() throws {
        let shape = ImageShape(channels: 3, height: 16, width: 12)
        let parallelism = Parallelism(threads: threads)
        let padding = try Cropping.padding(ImageShape(channels: 3, height: 13, width: 11), toMultipleOf: 4)
        let window = try Cropping.padding(ImageShape(channels: 3, height: 14, width: 10), toMultipleOf: 4)
        let operators: [(name: String, make: () throws -> any ForwardOperator)] = [
            ("identity", { try Identity(imageShape: shape) }),
            ("blur", { try Blur(imageShape: shape, pointSpread: .uniform(5)) }),
            ("reflecting blur", { try Blur(imageShape: shape, pointSpread: .uniform(3), border: .reflect) }),
            (
                "window",
                { try Composition(Blur(imageShape: window.measurementShape, pointSpread: .uniform(3), border: .unknown), after: window) }
            ),
            ("filter", { try FilteredDownsampling(imageShape: shape, factor: 2, filter: .bicubic, border: .reflect) }),
            ("trusted", { try Identity(imageShape: shape).trusting((0 ..< shape.pixels).map { $0 % 7 != 0 }) }),
            ("downsampling", { try Downsampling(imageShape: shape, factor: 2) }),
            ("mask", { try Mask.random(shape, missing: 0.6, seed: 1) }),
            (
                "matrix",
                {
                    try DenseMatrix.gaussian(imageShape: shape, measurements: 40, seed: 1, parallelism: parallelism)
                }
            ),
            (
                "padding",
                {
                    try Composition(Blur(imageShape: padding.measurementShape, pointSpread: .uniform(3)), after: padding)
                }
            ),
        ]
        for (name, make) in operators {
            for images in [1, 3] {
                try count("\(minimizer), \(formulation?.rawValue ?? "both"), \(name), threads \(threads), images \(images)", parallelism) {
                    variant in
                    // Each image has its own operator: a shared one takes scratch memory when two threads first meet in it. All
                    // have the same measurement, so that none stops before the first has been counted.
                    try (0 ..< images).map { _ in
                        let forwardOperator = try make()
                        let measurement = (0 ..< forwardOperator.measurementShape.count).map {
                            Float(($0 * (2 * variant + 1) + variant) % 11) / 22
                        }
                        return InverseProblem(
                            forwardOperator: forwardOperator, measurement: measurement, regularizationWeight: 1)
                    }
                }
            }
        }
    }

    private func count(_ name: String, _ parallelism: Parallelism, _ problems: (_ variant: Int) throws -> [InverseProblem]) throws {
        for variant in 0 ..< Self.mostMeasurements {
            if let counts = try counts(problems(variant), parallelism) { return AllocationProbe.report(name, counts) }
        }
        print("\(name): no solve lasted \(warm + Self.counted) iterations")
    }

    /// Nil where the solve of the first problem ends before the count does.
    private func counts(_ problems: [InverseProblem], _ parallelism: Parallelism) throws -> AllocationCounts? {
        var options = SolverOptions()
        options.minimizer = minimizer
        options.formulation = formulation
        options.maximumEvaluations = Self.evaluations
        options.gradientTolerance = 0
        options.progressTolerance = 0
        var accepted = 0
        var counts: AllocationCounts?
        _ = try Solver(flow: AllocationProbe.prior(.affine), options: options, parallelism: parallelism).restore(problems) { progress in
            guard progress.problem == 0 else { return }
            accepted += 1
            if accepted == warm { startCountingAllocations() }
            if accepted == warm + Self.counted { counts = stopCountingAllocations() }
        }
        if accepted >= warm, counts == nil { _ = stopCountingAllocations() }
        return counts
    }
}

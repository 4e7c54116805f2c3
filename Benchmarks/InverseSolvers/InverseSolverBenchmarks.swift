import Benchmark
import Measuring
import Reglow

let benchmarks: @Sendable () -> Void = {
    measureIterations()
    measureMinimizers()
    measureOperators()
    measureInitialization()
    measureVectorWork()
    measureJobs()
}

private typealias Method = (name: String, minimizer: MinimizerChoice)

private let methods: [Method] = [
    ("gradient descent", .gradientDescent), ("adam", .adam()), ("l-bfgs", .lbfgs()),
]

private let allThreads = ThreadCount.available()

/// InverseSolvers/iteration/FORMULATION/MODEL/PRECISION/SIZE/batch B/threads T: value and gradient of the objective.
private func measureIterations() {
    let mostThreads = min(2, allThreads)
    for formulation in Formulation.allCases {
        for precision in Precision.allCases {
            for threads in 1 ... mostThreads {
                func register(_ prior: Prior, _ height: Int, _ width: Int, batch: Int, isShort: Bool) {
                    measureIteration(
                        formulation, prior, precision, height, width, batch: batch, threads: threads,
                        set: isShort && threads == mostThreads ? .short : .all)
                }
                register(.bootstrap, 64, 64, batch: 1, isShort: true)
                register(.bootstrap, 64, 64, batch: 8, isShort: true)
                register(.bootstrap, 128, 128, batch: 1, isShort: formulation == .analysis)
                register(.bootstrap, 512, 512, batch: 1, isShort: false)
                register(.bootstrap, 768, 512, batch: 1, isShort: false)
                register(.paper, 64, 64, batch: 1, isShort: formulation == .analysis)
                register(.paper, 64, 64, batch: 6, isShort: false)
                register(.affine, 64, 64, batch: 1, isShort: false)
            }
        }
    }
}

private func measureIteration(
    _ formulation: Formulation, _ prior: Prior, _ precision: Precision, _ height: Int, _ width: Int, batch: Int, threads: Int,
    set: BenchmarkSet
) {
    let name =
        "InverseSolvers/iteration/\(formulation.rawValue)/\(prior.rawValue)/\(precision.rawValue)/\(height)x\(width)/"
        + "batch \(batch)/threads \(threads)"
    measure(name, set: set) {
        let flow = try prior.load(precision)
        let shape = ImageShape(channels: flow.imageChannels, height: height, width: width)
        try Solve(
            flow, try Blur(imageShape: shape, pointSpread: try .uniform(5)), .gradientDescent, formulation, batch: 1,
            threads: threads, skipped: 0, counted: 3
        ).check()
        // About as many operations in each series, and three repetitions at least. Both formulations are timed, one is taken.
        let operations = try 2 * Double(batch) * prior.operations(height: height, width: width)
        let repetitions = max(3, min(30, Int(1e11 / operations)))
        let result = try IterationBenchmark(
            prior: flow, size: Problem.ImageSize(height: height, width: width), batch: batch, threads: threads,
            repetitions: repetitions
        ).run()
        let seconds = formulation == .analysis ? result.analysis : result.synthesis
        return Series(operations: operations, samples: [seconds.min], peak: result.peakGflops * 1e9)
    }
}

/// InverseSolvers/METHOD/FORMULATION/PRECISION/batch B: an evaluation of the bootstrap prior within a solve of a 64x64 blur.
private func measureMinimizers() {
    for method in methods {
        for formulation in Formulation.allCases {
            for precision in Precision.allCases {
                for batch in [1, 8] {
                    let name = "InverseSolvers/\(method.name)/\(formulation.rawValue)/\(precision.rawValue)/batch \(batch)"
                    let isShort = batch == 1 && formulation == .analysis && precision == .fp32
                    measure(name, set: isShort ? .short : .all) {
                        try solveSeries(method.minimizer, formulation, precision, batch: batch) {
                            try Blur(imageShape: $0, pointSpread: try .uniform(5))
                        }
                    }
                }
            }
        }
    }
}

/// InverseSolvers/operator/PRECISION/OPERATOR: an evaluation by L-BFGS in analysis, for each problem of the paper but the blur,
/// which is above, and compressive sensing.
///
/// InverseSolvers/auto/PRECISION/OPERATOR: the same by the default solver once it is in the image, where each step applies the
/// `WienerPreconditioner`.
private func measureOperators() {
    let operators: [(name: String, make: (ImageShape) throws -> any ForwardOperator)] = [
        ("identity", { try Identity(imageShape: $0) }),
        ("downsampling 2", { try Downsampling(imageShape: $0, factor: 2) }),
        ("downsampling 4", { try Downsampling(imageShape: $0, factor: 4) }),
        ("mask random", { try Mask.random($0, missing: 0.6, seed: 1) }),
        ("mask hole", { try Mask.hole($0, size: 20) }),
        (
            "dense 1 in 8",
            {
                try DenseMatrix.gaussian(
                    imageShape: $0, measurements: $0.count / 8, seed: 1, parallelism: Parallelism(threads: allThreads))
            }
        ),
    ]
    for precision in Precision.allCases {
        for (name, make) in operators {
            measure("InverseSolvers/operator/\(precision.rawValue)/\(name)", set: .all) {
                try solveSeries(.lbfgs(), .analysis, precision, batch: 1, make)
            }
            measure("InverseSolvers/auto/\(precision.rawValue)/\(name)", set: name == "mask random" && precision == .fp32 ? .short : .all) {
                try solveSeries(.auto, nil, precision, batch: 1, skipped: 44, make)
            }
        }
    }
}

private func solveSeries(
    _ minimizer: MinimizerChoice, _ formulation: Formulation?, _ precision: Precision, batch: Int, skipped: Int = 2,
    _ makeOperator: (ImageShape) throws -> any ForwardOperator
) throws -> Series {
    let flow = try Prior.bootstrap.load(precision)
    let (height, width) = (64, 64)
    let shape = ImageShape(channels: flow.imageChannels, height: height, width: width)
    let solve = try Solve(
        flow, try makeOperator(shape), minimizer, formulation, batch: batch, threads: allThreads, skipped: skipped, counted: 8)
    try solve.check()
    return try Series(
        operations: 2 * Double(batch) * Prior.bootstrap.operations(height: height, width: width), kernels: flow.kernels,
        precision: precision, threads: allThreads, sample: solve.secondsPerEvaluation)
}

/// InverseSolvers/opening/dense 1 in 8: what the default solver does for a matrix in memory before the first evaluation, with a flow that
/// costs next to nothing. Counted are A Q^-1 A', for M rows of n numbers M^2 n, and its Cholesky factor, M^3 / 3.
private func measureInitialization() {
    measure("InverseSolvers/opening/dense 1 in 8", set: .all) {
        let shape = ImageShape(channels: 3, height: 64, width: 64)
        let rows = shape.count / 8
        let solve = try Solve(
            IdentityFlow(),
            try DenseMatrix.gaussian(imageShape: shape, measurements: rows, seed: 1, parallelism: Parallelism(threads: allThreads)),
            .auto, nil, batch: 1, threads: allThreads, skipped: 0, counted: 8)
        try solve.check()
        return try Series(
            operations: Double(rows * rows * shape.count) + Double(rows * rows * rows) / 3,
            kernels: try InstructionSet.selected().table, threads: allThreads, sample: solve.secondsToTheFirstEvaluation)
    }
}

/// InverseSolvers/vector work/METHOD/SIZE: an evaluation with a flow and an operator that cost next to nothing. Counted are the
/// numbers of the unknown.
private func measureVectorWork() {
    for (height, width) in [(64, 64), (768, 512)] {
        let shape = ImageShape(channels: 3, height: height, width: width)
        for method in methods {
            measure("InverseSolvers/vector work/\(method.name)/\(height)x\(width)", set: height == 64 ? .short : .all) {
                let solve = try Solve(
                    IdentityFlow(), DiagonalOperator(imageShape: shape), method.minimizer, .analysis, batch: 1, threads: 1,
                    skipped: 12, counted: 12)
                try solve.check()
                return try Series(
                    operations: Double(shape.count), kernels: try InstructionSet.selected().table, threads: 1,
                    sample: solve.secondsPerEvaluation)
            }
        }
    }
}

/// InverseSolvers/48 faces/solved, as a job: the same solves from memory to memory, and with all that a job does around them.
private func measureJobs() {
    for isJob in [false, true] {
        measure("InverseSolvers/48 faces/\(isJob ? "as a job" : "solved")", set: .all) {
            let faces = try FolderOfFaces(count: 48, threads: allThreads)
            return try Series(operations: try faces.operations, kernels: faces.kernels, threads: allThreads) {
                try isJob ? faces.run() : faces.solved()
            }
        }
    }
}

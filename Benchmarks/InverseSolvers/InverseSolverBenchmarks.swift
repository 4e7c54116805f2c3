import Benchmark
import Measuring
import Reglow

let benchmarks: @Sendable () -> Void = {
    measureIterations()
    measureMinimizers()
    measureOperators()
    measureVectorWork()
}

private typealias Method = (name: String, minimizer: MinimizerChoice)

private let methods: [Method] = [
    ("gradient descent", .gradientDescent), ("adam", .adam()), ("l-bfgs", .lbfgs()),
]

private let allThreads = ThreadCount.available()

/// InverseSolvers/iteration/MODEL/SIZE/batch B/threads T: value and gradient, once in analysis and once in synthesis, as
/// `reglow bench` measures it.
private func measureIterations() {
    for threads in Set([1, min(2, allThreads)]).sorted() {
        let isMost = threads == min(2, allThreads)
        for (height, width) in [(64, 64), (128, 128), (512, 512), (768, 512)] {
            measureIteration(.bootstrap, height, width, batch: 1, threads: threads, set: isMost && height <= 128 ? .short : .all)
        }
        measureIteration(.bootstrap, 64, 64, batch: 8, threads: threads, set: isMost ? .short : .all)
        measureIteration(.paper, 64, 64, batch: 1, threads: threads, set: isMost ? .short : .all)
        measureIteration(.paper, 64, 64, batch: 6, threads: threads, set: .all)
    }
}

private func measureIteration(_ prior: Prior, _ height: Int, _ width: Int, batch: Int, threads: Int, set: BenchmarkSet) {
    measure("InverseSolvers/iteration/\(prior.rawValue)/\(height)x\(width)/batch \(batch)/threads \(threads)", set: set) {
        let flow = try prior.load()
        let shape = ImageShape(channels: flow.imageChannels, height: height, width: width)
        try Solve(
            flow, try Blur(imageShape: shape, pointSpread: try .uniform(5)), .gradientDescent, .analysis, batch: 1,
            threads: threads, skipped: 0, counted: 3
        ).check()
        // About as many operations in each series, and three repetitions at least.
        let operations = try 4 * Double(batch) * prior.operations(height: height, width: width)
        let repetitions = max(3, min(30, Int(2e11 / operations)))
        let result = try IterationBenchmark(
            prior: flow, size: Problem.ImageSize(height: height, width: width), batch: batch, threads: threads,
            repetitions: repetitions
        ).run()
        return Series(
            operations: operations, samples: [result.analysis.min + result.synthesis.min], peak: result.peakGflops * 1e9)
    }
}

/// InverseSolvers/METHOD/FORMULATION/batch B: an evaluation of the bootstrap prior within a solve of a 64x64 blur.
private func measureMinimizers() {
    for method in methods {
        for formulation in Formulation.allCases {
            for batch in [1, 8] {
                let name = "InverseSolvers/\(method.name)/\(formulation.rawValue)/batch \(batch)"
                measure(name, set: batch == 1 && formulation == .analysis ? .short : .all) {
                    try solveSeries(method.minimizer, formulation, batch: batch) {
                        try Blur(imageShape: $0, pointSpread: try .uniform(5))
                    }
                }
            }
        }
    }
}

/// InverseSolvers/operator/OPERATOR: an evaluation by L-BFGS in analysis, for each problem of the paper but the blur.
private func measureOperators() {
    let operators: [(name: String, make: (ImageShape) throws -> any ForwardOperator)] = [
        ("identity", { try Identity(imageShape: $0) }),
        ("downsampling 2", { try Downsampling(imageShape: $0, factor: 2) }),
        ("downsampling 4", { try Downsampling(imageShape: $0, factor: 4) }),
        ("mask random", { try Mask.random($0, missing: 0.6, seed: 1) }),
        ("mask hole", { try Mask.hole($0, size: 20) }),
    ]
    for (name, make) in operators {
        measure("InverseSolvers/operator/\(name)", set: .all) {
            try solveSeries(.lbfgs(), .analysis, batch: 1, make)
        }
    }
}

private func solveSeries(
    _ minimizer: MinimizerChoice, _ formulation: Formulation, batch: Int,
    _ makeOperator: (ImageShape) throws -> any ForwardOperator
) throws -> Series {
    let flow = try Prior.bootstrap.load()
    let (height, width) = (64, 64)
    let shape = ImageShape(channels: flow.imageChannels, height: height, width: width)
    let solve = try Solve(
        flow, try makeOperator(shape), minimizer, formulation, batch: batch, threads: allThreads, skipped: 2, counted: 8)
    try solve.check()
    return try Series(
        operations: 2 * Double(batch) * Prior.bootstrap.operations(height: height, width: width), kernels: flow.kernels,
        threads: allThreads, sample: solve.secondsPerEvaluation)
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

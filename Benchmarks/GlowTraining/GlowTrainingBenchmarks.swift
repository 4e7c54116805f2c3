import Benchmark
import Measuring
import Reglow

/// GlowTraining/MODEL/PRECISION/batch B/threads T/RECOMPUTATION: one step (loss, gradient, update) on images of 64x64, on the
/// instruction set that a training takes.
let benchmarks: @Sendable () -> Void = {
    let mostThreads = min(2, ThreadCount.available())
    for prior in [Prior.bootstrap, .affine] {
        for precision in Precision.allCases {
            for batch in [8, 32] {
                for threads in 1 ... mostThreads {
                    for recomputation in Recomputation.allCases {
                        let isShort = prior == .bootstrap && batch == 8 && threads == mostThreads && recomputation == .stored
                        measureStep(prior, precision, batch: batch, threads: threads, recomputation, set: isShort ? .short : .all)
                    }
                }
            }
        }
    }
}

private func measureStep(
    _ prior: Prior, _ precision: Precision, batch: Int, threads: Int, _ recomputation: Recomputation, set: BenchmarkSet
) {
    let side = 64
    let name = "GlowTraining/\(prior.rawValue)/\(precision.rawValue)/batch \(batch)/threads \(threads)/\(recomputation.rawValue)"
    measure(name, set: set) {
        let step = try TrainingStep(prior, side: side, images: batch, precision, threads: threads, recomputation)
        try step.check()
        // Forward, cotangents and weight gradients; nothing for what is computed again.
        return try Series(
            operations: 3 * Double(batch) * prior.operations(height: side, width: side),
            kernels: try InstructionSet.selected().table, precision: precision, threads: threads, sample: step.run)
    }
}

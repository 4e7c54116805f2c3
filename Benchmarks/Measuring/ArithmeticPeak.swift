import Reglow

/// What the processor could do at most: multiply-adds in registers (bf16: dot products of pairs), on as many threads as the work
/// that is measured.
struct ArithmeticPeak {
    private let kernel: @Sendable (_ repetitions: Int) -> Float
    /// Floating-point operations of one repetition.
    private let operations: Int
    private let parallelism: Parallelism
    /// What the kernels give back, so that their work is not idle.
    private let sums: AlignedBuffer<Float>
    private var repetitions = 1 << 10

    private static let duration = 1e-3
    /// More tasks than threads, so that one thread that starts late costs little.
    private static let tasksPerThread = 4

    init(kernels: KernelTable, precision: Precision, threads: Int) {
        switch precision {
        case .fp32: (kernel, operations) = (kernels.peak, kernels.peakOperations)
        case .bf16: (kernel, operations) = (kernels.pairPeak, kernels.pairPeakOperations)
        }
        parallelism = Parallelism(threads: threads)
        sums = AlignedBuffer(count: parallelism.threads)
        while run() < Self.duration { repetitions *= 2 }
    }

    /// Operations a second in about a millisecond of them.
    func measure() -> Double {
        Double(Self.tasksPerThread * parallelism.threads) * Double(repetitions) * Double(operations) / run()
    }

    private func run() -> Double {
        seconds {
            parallelism.forEach(Self.tasksPerThread * parallelism.threads) { _, worker in
                sums.base[worker] += kernel(repetitions)
            }
        }
    }
}

/// Seconds that `work` takes.
package func seconds(_ work: () throws -> Void) rethrows -> Double {
    let (seconds, attoseconds) = try ContinuousClock().measure(work).components
    return Double(seconds) + 1e-18 * Double(attoseconds)
}

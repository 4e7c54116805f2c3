import Reglow

/// What the processor could do at most: multiply-adds in registers, on as many threads as the work that is measured.
struct ArithmeticPeak {
    private let kernels: KernelTable
    private let parallelism: Parallelism
    /// What the kernels give back, so that their work is not idle.
    private let sums: AlignedBuffer<Float>
    private var repetitions = 1 << 10

    private static let duration = 1e-3
    /// More tasks than threads, so that one thread that starts late costs little.
    private static let tasksPerThread = 4

    init(kernels: KernelTable, threads: Int) {
        self.kernels = kernels
        parallelism = Parallelism(threads: threads)
        sums = AlignedBuffer(count: parallelism.threads)
        while run() < Self.duration { repetitions *= 2 }
    }

    /// Operations a second in about a millisecond of them.
    func measure() -> Double {
        let count = Double(Self.tasksPerThread * parallelism.threads) * Double(repetitions)
        return count * Double(kernels.peakOperations) / run()
    }

    private func run() -> Double {
        seconds {
            parallelism.forEach(Self.tasksPerThread * parallelism.threads) { _, worker in
                sums.base[worker] += kernels.peak(repetitions)
            }
        }
    }
}

/// Seconds that `work` takes.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let (seconds, attoseconds) = try ContinuousClock().measure(work).components
    return Double(seconds) + 1e-18 * Double(attoseconds)
}

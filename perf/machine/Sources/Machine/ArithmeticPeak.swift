import Reglow

/// Multiply-adds in registers, as fast as an instruction set does them: `KernelTable.peak` on each thread.
struct ArithmeticPeak: Codable {
    let isa: String
    let threads: Int
    /// 10^9 floating-point operations a second, two for a multiply-add.
    let gflops: Double

    init(_ set: InstructionSet, threads: Int) {
        let kernels = set.table
        let repetitions = 1_000_000
        // One for each worker, a cache line apart, so that no thread waits for another's.
        let stride = AlignedBuffer<Float>.alignment / MemoryLayout<Float>.stride
        let sums = AlignedBuffer<Float>(count: threads * stride)
        // Several tasks a thread: where the system stops one thread for a moment, the others take over its share.
        let tasks = 8 * threads
        let parallelism = Parallelism(threads: threads)
        let seconds = fastest(of: 10) {
            parallelism.forEach(tasks) { _, worker in sums.base[worker * stride] += kernels.peak(repetitions) }
        }
        isa = set.rawValue
        self.threads = threads
        gflops = Double(tasks) * Double(repetitions) * Double(kernels.peakOperations) / seconds * 1e-9
    }
}

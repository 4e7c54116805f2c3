import Reglow

/// Multiply-adds in registers, or in bf16 dot products of pairs, as fast as an instruction set does them: `KernelTable.peak` or
/// `pairPeak` on each thread.
struct ArithmeticPeak: Codable {
    let isa: String
    let precision: Precision
    let threads: Int
    /// 10^9 floating-point operations a second, two for a multiply-add.
    let gflops: Double

    /// Seconds of one task. Repetitions are counted by the clock, for bf16 is many times slower where it is software.
    private static let duration = 5e-3

    init(_ set: InstructionSet, precision: Precision, threads: Int) {
        let kernels = set.table
        let peak = precision == .fp32 ? kernels.peak : kernels.pairPeak
        let operations = precision == .fp32 ? kernels.peakOperations : kernels.pairPeakOperations
        // One for each worker, a cache line apart, so that no thread waits for another's.
        let stride = AlignedBuffer<Float>.alignment / MemoryLayout<Float>.stride
        let sums = AlignedBuffer<Float>(count: threads * stride)
        // Several tasks a thread: where the system stops one thread for a moment, the others take over its share.
        let tasks = 8 * threads
        let parallelism = Parallelism(threads: threads)
        var repetitions = 1000
        while fastest(of: 1, { sums.base[0] += peak(repetitions) }) < Self.duration { repetitions *= 2 }
        let count = repetitions
        let seconds = fastest(of: 10) {
            parallelism.forEach(tasks) { _, worker in sums.base[worker * stride] += peak(count) }
        }
        isa = set.rawValue
        self.precision = precision
        self.threads = threads
        gflops = Double(tasks) * Double(count) * Double(operations) / seconds * 1e-9
    }
}

import ForwardOperators
import GlowModel
import InverseSolvers
import KernelDispatch
import KernelInterface

/// The cost of one solver iteration: one value and gradient of the objective, for a whole batch.
///
/// Analysis is one `forward` and one `forwardVJP`, synthesis one `inverse` and one `inverseVJP`, each with a 5x5 deblurring
/// operator, as a solver evaluates them. Every repetition times analysis, synthesis and the arithmetic peak in turn, so that
/// the three see the same machine.
package struct IterationBenchmark {
    package let prior: Glow
    package let size: Problem.ImageSize
    package let batch: Int
    package let threads: Int
    package let repetitions: Int
    /// Says where the timed iterations are recorded; nil is nowhere.
    package let recorder: PhaseRecorder?
    /// Whether analysis is timed with gradients in bf16 as well.
    package let comparesGradients: Bool

    package init(
        prior: Glow, size: Problem.ImageSize, batch: Int, threads: Int, repetitions: Int, recorder: PhaseRecorder? = nil,
        comparesGradients: Bool = false
    ) {
        self.prior = prior
        self.comparesGradients = comparesGradients
        self.size = size
        self.batch = batch
        self.threads = threads
        self.repetitions = max(1, repetitions)
        self.recorder = recorder
    }

    /// Seconds of one iteration of the whole batch.
    package struct Seconds: Codable, Sendable {
        package let min: Double
        package let median: Double
        /// 95 % of the repetitions took no longer.
        package let p95: Double

        init(_ samples: [Double]) {
            let sorted = samples.sorted()
            min = sorted[0]
            median = sorted[sorted.count / 2]
            p95 = sorted[Swift.min(sorted.count - 1, Int((0.95 * Double(sorted.count)).rounded(.up)))]
        }
    }

    package struct Result: Codable, Sendable {
        package let analysis: Seconds
        package let synthesis: Seconds
        /// Analysis with gradients in bf16, where it was asked for.
        package let mixedAnalysis: Seconds?
        /// 10^9 floating-point operations of one iteration: two passes, two operations for a multiply-add.
        package let gflop: Double
        /// `gflop` over the smaller of the two minima.
        package let gflops: Double
        /// Multiply-adds in registers on the same threads, the best of the run.
        package let peakGflops: Double
        package let percentOfPeak: Double
        /// The largest resident size of the process.
        package let peakMemoryBytes: Int
        package let isa: String
        package let precision: String
        package let threads: Int
        package let batch: Int
        package let height: Int
        package let width: Int
        /// Says where the time of the iterations went, when it was recorded.
        package let profile: Profile?

        enum CodingKeys: String, CodingKey {
            case analysis, synthesis, gflop, gflops, isa, precision, threads, batch, height, width, profile
            case mixedAnalysis = "mixed_analysis"
            case peakGflops = "peak_gflops"
            case percentOfPeak = "percent_of_peak"
            case peakMemoryBytes = "peak_memory_bytes"
        }
    }

    /// - Throws: `GlowShapeError` when the prior does not take images of this size.
    package func run() throws -> Result {
        let parallelism = Parallelism(threads: threads, recorder: recorder)
        let shape = ImageShape(channels: prior.imageChannels, height: size.height, width: size.width)
        let blur = try Blur(imageShape: shape, pointSpread: try .uniform(5))
        let terms = [Objective<Glow>.Terms](
            repeating: (
                DataFidelity(forwardOperator: blur, measurement: try blur.apply([Float](repeating: 0.1, count: shape.count))),
                LatentPrior(regularizationWeight: 1e-4)
            ), count: batch)
        // An image or latent of every magnitude that a solve sees: the cost does not depend on it.
        var generator = SeededGenerator(seed: 0, stream: .sample)
        let unknown = Vector((0 ..< shape.count).map { _ in Float(0.3 * generator.nextNormal()) })
        func time(_ work: () -> Void) -> Double {
            let clock = ContinuousClock()
            let (seconds, attoseconds) = clock.measure(work).components
            return Double(seconds) + 1e-18 * Double(attoseconds)
        }
        func samples(_ formulation: Formulation, gradients: Glow? = nil) throws -> () -> Double {
            let objective = try Objective(
                flow: prior, gradientPrecisionFlow: gradients, imageShape: shape, measurementCount: shape.count, capacity: batch,
                formulation: formulation,
                parallelism: parallelism)
            for image in 0 ..< batch { objective.setUnknown(image, to: unknown) }
            objective.evaluate(terms, isInGradientPrecision: gradients != nil)
            return {
                time {
                    let span = recorder?.begin(.iteration)
                    objective.evaluate(terms, isInGradientPrecision: gradients != nil)
                    span?.end()
                }
            }
        }
        let timeAnalysis = try samples(.analysis)
        let timeSynthesis = try samples(.synthesis)
        let timeMixed = comparesGradients ? try samples(.analysis, gradients: Glow(prior, precision: .bf16)) : nil
        var mixed: [Double] = []
        var analysis: [Double] = []
        var synthesis: [Double] = []
        var peak = 0.0
        recorder?.restart()
        for _ in 0 ..< repetitions {
            analysis.append(timeAnalysis())
            synthesis.append(timeSynthesis())
            if let timeMixed { mixed.append(timeMixed()) }
            peak = Swift.max(peak, measuredPeak(Parallelism(threads: threads), time))
        }
        let macs = prior.architecture.multiplyAccumulates(height: size.height, width: size.width)
        let gflop = 2 * 2 * (macs.couplings + macs.mixings) * Double(batch) * 1e-9
        let (a, s) = (Seconds(analysis), Seconds(synthesis))
        let gflops = gflop / Swift.min(a.min, s.min)
        return Result(
            analysis: a, synthesis: s, mixedAnalysis: mixed.isEmpty ? nil : Seconds(mixed), gflop: gflop, gflops: gflops, peakGflops: peak,
            percentOfPeak: 100 * gflops / peak, peakMemoryBytes: AvailableMemory.resident().peak,
            isa: prior.kernels.name, precision: prior.precision.rawValue, threads: threads, batch: batch, height: size.height,
            width: size.width, profile: recorder.map { Profile($0, of: .iteration) })
    }

    /// 10^9 operations a second of multiply-adds (bf16: of dot products of pairs) in registers, on all threads, for some milliseconds.
    private func measuredPeak(_ parallelism: Parallelism, _ time: (() -> Void) -> Double) -> Double {
        let kernels = prior.kernels
        let repetitions = 200_000
        let operations = prior.precision == .fp32 ? kernels.peakOperations : kernels.pairPeakOperations
        let sums = AlignedBuffer<Float>(count: parallelism.threads)
        let tasks = 4 * parallelism.threads
        let seconds = time {
            parallelism.forEach(tasks) { _, worker in
                sums.base[worker] += prior.precision == .fp32 ? kernels.peak(repetitions) : kernels.pairPeak(repetitions)
            }
        }
        return Double(tasks) * Double(repetitions) * Double(operations) / seconds * 1e-9
    }
}

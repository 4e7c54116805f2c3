import Reglow

/// Samples of one piece of work, with the peak that was measured between them.
package struct Series {
    /// Floating-point operations of the work, two for a multiply-add; numbers written where it does no arithmetic.
    package let operations: Double
    /// Seconds of each sample, at least one.
    package let samples: [Double]
    /// Operations a second: the best that the peak kernel did in the same series.
    package let peak: Double

    package init(operations: Double, samples: [Double], peak: Double) {
        self.operations = operations
        self.samples = samples
        self.peak = peak
    }

    /// Operations a second in the fastest sample. Other work on the machine only ever adds to a time.
    var rate: Double { operations / (samples.min() ?? .infinity) }

    /// The part of the peak that the fastest sample reached.
    var share: Double { rate / peak }

    /// Seconds that the samples may take, if that gives enough of them. The same in every set: the best of more samples is a
    /// little better, and a short run is compared with the baseline of a full one.
    private static let duration = 0.4
    private static let fewestSamples = 5

    /// Takes samples and measures the peak in turn, until the time of one benchmark is used up.
    ///
    /// The first sample warms caches and is left out. The peak is that of `kernels` in this precision on so many threads.
    package init(
        operations: Double, kernels: KernelTable, precision: Precision = .fp32, threads: Int, sample: () throws -> Double
    ) rethrows {
        let measuredPeak = ArithmeticPeak(kernels: kernels, precision: precision, threads: threads)
        _ = try sample()
        var samples: [Double] = []
        var peak = 0.0
        var used = 0.0
        while used < Self.duration || samples.count < Self.fewestSamples {
            used += try seconds {
                peak = max(peak, measuredPeak.measure())
                samples.append(try sample())
            }
        }
        self.init(operations: operations, samples: samples, peak: peak)
    }
}

/// Gives the seconds of one call of `work`, from as many calls as a millisecond has.
package func timed(_ work: @escaping () -> Void) -> () -> Double {
    var calls = 1
    while seconds({ for _ in 0 ..< calls { work() } }) < 1e-3 { calls *= 2 }
    return { seconds { for _ in 0 ..< calls { work() } } / Double(calls) }
}

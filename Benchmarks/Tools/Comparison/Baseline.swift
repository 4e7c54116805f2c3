import Foundation

/// The parts of the peak that benchmarks reached once, to compare with.
///
/// A part of the peak that was measured in the same run moves less from day to day, and from machine to machine of one kind,
/// than a time does.
package struct Baseline: Codable, Equatable {
    /// The processor on which it was measured.
    package var processor: String
    package var shares: [String: Double]

    package init(processor: String, shares: [String: Double]) {
        self.processor = processor
        self.shares = shares
    }

    /// A benchmark is slower where its share fell so that it takes this much longer at the same peak.
    package static let tolerance = 0.1

    /// How much longer a benchmark takes than in the baseline, at the same peak: 0.1 is 10 %; nil where the baseline lacks it.
    package func slowdown(_ benchmark: String, _ measurement: Results.Measurement) -> Double? {
        shares[benchmark].map { $0 / measurement.share - 1 }
    }

    /// The benchmarks that are slower by more than `tolerance`, in the order of their names.
    package func slower(_ results: Results) -> [String] {
        results.measurements.filter { slowdown($0.key, $0.value) ?? 0 > Self.tolerance }.keys.sorted()
    }

    /// Takes the shares of `results`; those of other benchmarks stay where the processor is the same.
    package mutating func update(_ results: Results, processor: String) {
        if processor != self.processor { shares = [:] }
        self.processor = processor
        for (benchmark, measurement) in results.measurements {
            shares[benchmark] = (measurement.share * 1e4).rounded() / 1e4
        }
    }
}

import Foundation

/// The parts of the peak that benchmarks reached once, to compare with.
///
/// A part of the peak that was measured in the same run moves less from day to day, and from machine to machine of one kind,
/// than a time does.
package struct Baseline: Codable, Equatable {
    /// Where it was measured.
    package var machine: Machine
    package var shares: [String: Double]

    package init(machine: Machine, shares: [String: Double] = [:]) {
        self.machine = machine
        self.shares = shares
    }

    /// A benchmark is slower where its share fell so that it takes this much longer at the same peak.
    package static let tolerance = 0.1

    /// Reads a stored baseline.
    ///
    /// - Throws: `ResultsError` where `data` is something else.
    package init(stored data: Data) throws {
        do {
            self = try JSONDecoder().decode(Baseline.self, from: data)
        } catch {
            throw ResultsError("not a baseline: \(error)")
        }
        if let bad = shares.first(where: { !($0.value > 0) }) {
            throw ResultsError("\(bad.key): the baseline has a share of \(bad.value)")
        }
    }

    /// What `init(stored:)` reads, names in order.
    package func stored() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// How much longer a benchmark takes than in the baseline, at the same peak: 0.1 is 10 %; nil where the baseline lacks it.
    package func slowdown(_ benchmark: String, _ measurement: Results.Measurement) -> Double? {
        shares[benchmark].map { $0 / measurement.share - 1 }
    }

    /// The benchmarks that are slower by more than `tolerance`, in the order of their names.
    package func slower(_ results: Results) -> [String] {
        results.measurements.filter { slowdown($0.key, $0.value) ?? 0 > Self.tolerance }.keys.sorted(by: precedesByName)
    }

    /// Takes the shares of `results`, to four digits; those of other benchmarks stay.
    package mutating func update(_ results: Results) {
        for (benchmark, measurement) in results.measurements {
            let digits = pow(10, 3 - log10(measurement.share).rounded(.down))
            shares[benchmark] = (measurement.share * digits).rounded() / digits
        }
    }
}

/// Whether a name stands before another in a list: numbers in them count by their value.
func precedesByName(_ a: String, _ b: String) -> Bool { a.compare(b, options: .numeric) == .orderedAscending }

import InverseSolvers

extension TrustFinding {
    /// Numbers of a finding.
    private static let fields = 5

    /// The finding in a state, which holds numbers alone.
    package var numbers: [Double] {
        let kind = Kind.allCases.firstIndex(of: kind) ?? 0
        return [Double(kind), verdict == .unusable ? 1 : 0, value, bound, level.map { Double($0) } ?? -1]
    }

    /// The findings of which these are the numbers, in a row.
    ///
    /// - Throws: `SolveStateError` for numbers that are of none.
    package static func findings(of numbers: [Double]) throws(SolveStateError) -> [TrustFinding] {
        guard numbers.count % fields == 0 else { throw SolveStateError(name: "trust") }
        var findings: [TrustFinding] = []
        for first in stride(from: 0, to: numbers.count, by: fields) {
            guard let kind = Int(exactly: numbers[first]), Kind.allCases.indices.contains(kind),
                let level = Int(exactly: numbers[first + 4])
            else { throw SolveStateError(name: "trust") }
            findings.append(
                TrustFinding(
                    Kind.allCases[kind], numbers[first + 1] == 1 ? .unusable : .doubtful, value: numbers[first + 2],
                    bound: numbers[first + 3],
                    level: level < 0 ? nil : level))
        }
        return findings
    }
}

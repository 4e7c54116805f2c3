import Reglow

/// A result that is wrong: what is wrong is not timed.
package struct WrongResult: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Throws `WrongResult` where a number of `found` is farther from `expected` than `tolerance` times the largest magnitude of
/// `expected`, or is NaN.
package func requireAgreement(
    _ what: String, _ found: some Collection<Float>, _ expected: some Collection<Double>, tolerance: Double
) throws {
    guard found.count == expected.count else {
        throw WrongResult("\(what): \(found.count) numbers, expected \(expected.count)")
    }
    let scale = expected.reduce(0) { max($0, abs($1)) }
    for (index, (value, exact)) in zip(found, expected).enumerated()
    where !(abs(Double(value) - exact) <= tolerance * scale) {
        throw WrongResult("\(what): number \(index) is \(value), a plain loop gives \(exact)")
    }
}

/// Throws `WrongResult` unless |found - expected| <= tolerance |expected|, in the Euclidean norm.
package func requireCloseness(_ what: String, _ found: [Float], _ expected: [Float], tolerance: Double) throws {
    guard found.count == expected.count else {
        throw WrongResult("\(what): \(found.count) numbers, expected \(expected.count)")
    }
    let (gap, size) = zip(found, expected).reduce((0, 0)) { sums, pair in
        let (value, exact) = (Double(pair.0), Double(pair.1))
        return (sums.0 + (value - exact) * (value - exact), sums.1 + exact * exact)
    }
    let error = (gap / size).squareRoot()
    guard error <= tolerance else { throw WrongResult("\(what): the relative error is \(error), more than \(tolerance)") }
}

/// Throws `WrongResult` unless <a, b> = <c, d> up to `tolerance` times |a| |b|.
package func requireEqualProducts(
    _ what: String, _ a: [Float], _ b: [Float], _ c: [Float], _ d: [Float], tolerance: Double
) throws {
    func dot(_ x: [Float], _ y: [Float]) -> Double { zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    let (first, second) = (dot(a, b), dot(c, d))
    guard abs(first - second) <= tolerance * (dot(a, a) * dot(b, b)).squareRoot() else {
        throw WrongResult("\(what): <a, b> is \(first), but <c, d> is \(second)")
    }
}

/// `count` normally distributed numbers, the same for the same seed.
package func normalNumbers(_ count: Int, seed: UInt64, deviation: Double = 1) -> [Float] {
    var generator = SeededGenerator(seed: seed, stream: .benchmark)
    return (0 ..< count).map { _ in Float(deviation * generator.nextNormal()) }
}

extension BrainFloat {
    /// The largest relative error of rounding to its 8 significant bits.
    package static let roundoff = 0x1p-8
}

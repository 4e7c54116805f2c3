import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// The six affine kernels against their contracts in `AffineCoupling` and `KernelTable`, and against each other.
///
/// Bounds count roundings of the sum of magnitudes that a formula adds up. s, 1 - s and log s come from `sigmoid`, which is
/// good to 8 roundings (4 ulp, see `ElementaryTests`); the twin takes t = r + 2 rounded, as the kernel does.
@Suite struct AffineCouplingBodiesTests {
    static let sigmoidRoundings = 8.0
    static let vectorCounts = [1, 2, 5]

    /// b' = (b + t) s: a sum, s and a product. slope = b' (1 - s): b', 1 - s and a product.
    @Test(arguments: InstructionSet.supported, vectorCounts) func forward(set: InstructionSet, vectors: Int) {
        let before = AffinePanels(set, vectors: vectors, isPoint: true, seed: 21)
        let a = AffinePanels(set, vectors: vectors, isPoint: true, seed: 21)
        a.table.affineForward(a.arguments(), vectors)
        func twin(_ c: Int, _ p: Int) -> (b: Double, size: Double, s: ReferenceSigmoid) {
            let s = ReferenceSigmoid(Double(before.network[3 + c, p] + 2))
            let (b, t) = (Double(before.transformed[c, p]), Double(before.network[c, p]))
            return ((b + t) * s.scale, (abs(b) + abs(t)) * s.scale, s)
        }
        #expect(
            a.worst { c, p in
                roundings(a.transformed[c, p], twin(c, p).b, magnitude: twin(c, p).size)
            } <= Self.sigmoidRoundings + 3)
        #expect(
            a.worst { c, p in
                let (b, size, s) = twin(c, p)
                return roundings(a.slope[c, p], b * s.oneMinusScale, magnitude: size * s.oneMinusScale)
            } <= 2 * Self.sigmoidRoundings + 4)
        #expect(
            a.worst { c, p in
                let s = twin(c, p).s
                return max(
                    roundings(a.scale[c, p], s.scale, magnitude: s.scale),
                    roundings(a.logScale[c, p], s.logScale, magnitude: abs(s.logScale)))
            } <= Self.sigmoidRoundings)
        #expect(a.changes(network: false, records: true, logScale: true) == 0)
    }

    /// b = b' / s - t: s, a quotient, a difference.
    @Test(arguments: InstructionSet.supported, vectorCounts) func inverse(set: InstructionSet, vectors: Int) {
        let before = AffinePanels(set, vectors: vectors, isPoint: true, seed: 22)
        let a = AffinePanels(set, vectors: vectors, isPoint: true, seed: 22)
        a.table.affineInverse(a.arguments(), vectors)
        #expect(
            a.worst { c, p in
                let s = ReferenceSigmoid(Double(before.network[3 + c, p] + 2))
                let (value, t) = (Double(before.transformed[c, p]), Double(before.network[c, p]))
                return max(
                    roundings(a.transformed[c, p], value / s.scale - t, magnitude: abs(value) / s.scale + abs(t)),
                    roundings(a.scale[c, p], s.scale, magnitude: s.scale),
                    roundings(a.slope[c, p], value * s.oneMinusScale, magnitude: abs(value) * s.oneMinusScale))
            } <= Self.sigmoidRoundings + 3)
        #expect(a.changes(network: false, records: true) == 0)
    }

    /// The products are taken with any records, so each number is a formula of at most five operations.
    @Test(arguments: InstructionSet.supported, vectorCounts) func jacobianProducts(set: InstructionSet, vectors: Int) {
        let before = AffinePanels(set, vectors: vectors, isPoint: false, seed: 23)
        func at(_ c: Int, _ p: Int) -> (v: Double, t: Double, r: Double, s: Double, slope: Double) {
            (
                Double(before.transformed[c, p]), Double(before.network[c, p]), Double(before.network[3 + c, p]),
                Double(before.scale[c, p]), Double(before.slope[c, p])
            )
        }
        func make() -> AffinePanels { AffinePanels(set, vectors: vectors, isPoint: false, seed: 23) }

        let forwardJVP = make()
        forwardJVP.table.affineForwardJVP(forwardJVP.arguments(), vectors)
        #expect(
            forwardJVP.worst { c, p in
                let (v, t, r, s, slope) = at(c, p)
                return roundings(
                    forwardJVP.transformed[c, p], s * (v + t) + slope * r, magnitude: s * (abs(v) + abs(t)) + abs(slope * r))
            } <= 5)
        #expect(forwardJVP.changes(network: false, records: false) == 0)

        let inverseJVP = make()
        inverseJVP.table.affineInverseJVP(inverseJVP.arguments(), vectors)
        #expect(
            inverseJVP.worst { c, p in
                let (v, t, r, s, slope) = at(c, p)
                return roundings(
                    inverseJVP.transformed[c, p], (v - slope * r) / s - t, magnitude: (abs(v) + abs(slope * r)) / s + abs(t))
            } <= 5)
        #expect(inverseJVP.changes(network: false, records: false) == 0)

        let weight = 0.625
        let forwardVJP = make()
        forwardVJP.table.affineForwardVJP(forwardVJP.arguments(logDeterminantWeight: Float(weight)), vectors)
        #expect(
            forwardVJP.worst { c, p in
                let (v, _, _, s, slope) = at(c, p)
                return max(
                    roundings(forwardVJP.transformed[c, p], s * v, magnitude: abs(s * v)),
                    roundings(forwardVJP.network[c, p], s * v, magnitude: abs(s * v)),
                    roundings(
                        forwardVJP.network[3 + c, p], slope * v + weight * (1 - s), magnitude: abs(slope * v) + weight * (1 - s)))
            } <= 5)
        #expect(forwardVJP.changes(network: true, records: false) == 0)

        let inverseVJP = make()
        inverseVJP.table.affineInverseVJP(inverseVJP.arguments(), vectors)
        #expect(
            inverseVJP.worst { c, p in
                let (v, _, _, s, slope) = at(c, p)
                return max(
                    roundings(inverseVJP.transformed[c, p], v / s, magnitude: abs(v / s)),
                    roundings(inverseVJP.network[c, p], -v, magnitude: abs(v)),
                    roundings(inverseVJP.network[3 + c, p], -slope * v / s, magnitude: abs(slope * v / s)))
            } <= 5)
        #expect(inverseVJP.changes(network: true, records: false) == 0)
    }

    /// inverse(forward(b)) = b. Both use the same s, to the bit: a sum, a product, a quotient and a difference remain, of numbers
    /// no larger than |b| + |t|. Their records agree too: both hold s, and b' (1 - s) of the same b'.
    @Test(arguments: InstructionSet.supported) func inverseUndoesForward(set: InstructionSet) {
        let before = AffinePanels(set, vectors: 3, isPoint: true, seed: 24)
        let a = AffinePanels(set, vectors: 3, isPoint: true, seed: 24)
        a.table.affineForward(a.arguments(), 3)
        let (scale, slope) = (a.scale.allBits, a.slope.allBits)
        a.table.affineInverse(a.arguments(), 3)
        #expect(
            a.worst { c, p in
                let b = before.transformed[c, p]
                return roundings(a.transformed[c, p], Double(b), magnitude: Double(abs(b) + abs(before.network[c, p])))
            } <= 5)
        #expect(a.scale.allBits == scale)
        #expect(a.slope.allBits == slope)
    }

    /// <w, J (db, dt, dr)> = <J' w, (db, dt, dr)> for both directions, with the log-determinant left out. Every product that
    /// is added up has at most 5 roundings on either side.
    @Test(arguments: InstructionSet.supported) func productsAreTransposed(set: InstructionSet) {
        for isForward in [true, false] {
            func make(_ seed: UInt64) -> AffinePanels {
                let panels = AffinePanels(set, vectors: 4, isPoint: false, seed: 25)
                let other = AffinePanels(set, vectors: 4, isPoint: false, seed: seed)
                for channel in 0 ..< 3 {
                    for pixel in 0 ..< panels.pixels { panels.transformed[channel, pixel] = other.transformed[channel, pixel] }
                }
                return panels
            }
            let (tangent, product) = (make(31), make(31))
            let (cotangent, transposed) = (make(32), make(32))
            let table = set.table
            (isForward ? table.affineForwardJVP : table.affineInverseJVP)(product.arguments(), 4)
            (isForward ? table.affineForwardVJP : table.affineInverseVJP)(transposed.arguments(), 4)
            expectAdjoint(
                product.transformed.numbers, transposed.transformed.numbers + transposed.network.numbers,
                of: tangent.transformed.numbers + tangent.network.numbers, and: cotangent.transformed.numbers,
                within: 10 * unitRoundoff, relativeTo: .terms, "forward: \(isForward)")
        }
    }

    @Test(arguments: InstructionSet.supported) func callsMayBeCutBetweenVectors(set: InstructionSet) {
        let table = set.table
        let kernels = [
            (table.affineForward, true), (table.affineInverse, true), (table.affineForwardJVP, false),
            (table.affineForwardVJP, false), (table.affineInverseJVP, false), (table.affineInverseVJP, false),
        ]
        for (kernel, isPoint) in kernels {
            let whole = AffinePanels(set, vectors: 5, isPoint: isPoint, seed: 26)
            kernel(whole.arguments(logDeterminantWeight: 1), 5)
            let parts = AffinePanels(set, vectors: 5, isPoint: isPoint, seed: 26)
            for vectors in [3 ..< 5, 0 ..< 1, 1 ..< 3, 2 ..< 2] {
                kernel(parts.arguments(from: vectors.lowerBound * table.lanes, logDeterminantWeight: 1), vectors.count)
            }
            for panel in [\AffinePanels.transformed, \.network, \.scale, \.slope, \.logScale] {
                #expect(parts[keyPath: panel].allBits == whole[keyPath: panel].allBits)
            }
        }
    }
}

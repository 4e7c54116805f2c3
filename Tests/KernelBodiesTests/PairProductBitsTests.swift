import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// The bits of a product in bf16, which the contract fixes: they are those of the processor's instruction, on every set.
@Suite struct PairProductBitsTests {
    /// A whole number of vectors of every set.
    static let pixels = 9 * 16

    @Test(arguments: InstructionSet.supported, [false, true])
    func areThoseOfTheChainInTheContract(set: InstructionSet, transposed: Bool) {
        for flushed in [false, true] {
            for (rows, depth) in [(1, 1), (8, 7), (9, 54), (54, 9), (7, 131)] {
                let setup = PairProductSetup(set, rows: rows, depth: depth, transposed: transposed, pixels: Self.pixels)
                let output = setup.makeOutput()
                withSubnormals(flushed: flushed) { setup.run(into: output, vectors: 0 ..< setup.vectors) }
                let faults = (0 ..< rows * Self.pixels).count { cell in
                    let (row, pixel) = (cell / Self.pixels, cell % Self.pixels)
                    return output[row, pixel].bitPattern != setup.chain(row, pixel).bitPattern
                }
                #expect(faults == 0, "\(rows) x \(depth), flushed: \(flushed)")
            }
        }
    }

    /// Every epilogue, from the same weights and inputs, with subnormals flushed as they are inside of a pass.
    private func allBits(
        _ set: InstructionSet, rows: Int, depth: Int, transposed: Bool, weights: [Float]? = nil, start: [Float]? = nil,
        inputs: [Float]? = nil
    ) -> [[UInt32]] {
        let setup = PairProductSetup(
            set, rows: rows, depth: depth, transposed: transposed, pixels: Self.pixels, weights: weights, start: start,
            inputs: inputs)
        let (stored, rectified, masked) = (setup.makeOutput(), setup.makePackedOutput(), setup.makePackedOutput())
        let signs = setup.makeBits()
        withSubnormals(flushed: true) {
            setup.run(into: stored, vectors: 0 ..< setup.vectors)
            setup.run(.rectify, bits: signs, into: rectified, vectors: 0 ..< setup.vectors)
            setup.run(.mask, bits: signs, into: masked, vectors: 0 ..< setup.vectors)
        }
        return [stored.allBits, rectified.allBits, masked.allBits, signs.allBits.map(UInt32.init)]
    }

    @Test(arguments: InstructionSet.supported, [false, true])
    func areTheSameOnEverySet(set: InstructionSet, transposed: Bool) {
        for rows in PointwiseProductBodyTests.sizes {
            for depth in PointwiseProductBodyTests.sizes {
                let bits = [.portable, set].map { allBits($0, rows: rows, depth: depth, transposed: transposed) }
                let faults = zip(bits[0].joined(), bits[1].joined()).count { $0 != $1 }
                #expect(faults == 0, "\(rows) x \(depth)")
            }
        }
    }

    /// Numbers of random magnitude.
    private func spread(_ count: Int, seed: UInt64, exponents: ClosedRange<Int>) -> [Float] {
        zip(signedNumbers(count, seed: seed), signedNumbers(count, seed: seed + 1)).map { number, place in
            let exponent = exponents.lowerBound + Int(Float(exponents.count) * (place + 1) / 2)
            return number * Float(sign: .plus, exponent: exponent, significand: 1)
        }
    }

    /// Where products and sums fall below 2^-126 or pass 2^128: a product is added before it is flushed or becomes infinite.
    /// `portable` is not asked, for its multiply-add rounds the product too, which makes a difference here alone.
    @Test(arguments: InstructionSet.supported.filter { $0 > .avx2 }, [false, true])
    func areTheSameWhereProductsLeaveTheRange(set: InstructionSet, transposed: Bool) {
        let (rows, depth) = (16, 9)
        for (factors, starts) in [
            (-66 ... -60, -128 ... -120), (-72 ... -55, -149 ... -140), (-130 ... -1, -126 ... -126), (60 ... 65, 120 ... 127),
            (-133 ... 127, -149 ... 127),
        ] {
            func bits(_ set: InstructionSet) -> [[UInt32]] {
                allBits(
                    set, rows: rows, depth: depth, transposed: transposed,
                    weights: spread(rows * depth, seed: 12, exponents: factors),
                    start: spread(rows, seed: 14, exponents: starts),
                    inputs: spread(depth * Self.pixels, seed: 16, exponents: factors))
            }
            let faults = zip(bits(set).joined(), bits(.avx2).joined()).count { $0 != $1 }
            #expect(faults == 0, "factors 2^\(factors), start 2^\(starts)")
        }
    }
}

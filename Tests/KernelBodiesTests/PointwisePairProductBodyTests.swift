import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// `KernelTable.product` in bf16 against its contract, `PointwiseProduct`.
@Suite struct PointwisePairProductBodyTests {
    static let sizes = PointwiseProductBodyTests.sizes
    static let maximumVectors = PointwiseProductBodyTests.maximumVectors

    private func setup(_ set: InstructionSet, rows: Int, depth: Int, transposed: Bool) -> PairProductSetup {
        PairProductSetup(
            set, rows: rows, depth: depth, transposed: transposed, pixels: Self.maximumVectors * set.table.lanes)
    }

    /// The twin rounds weights and inputs to bfloat16 as the product does. The product of two bfloat16 has 16 bits, so it is
    /// exact in float32, and each result is a chain of `depth` additions from `start` on (the zero beside an odd last row adds
    /// nothing), each rounded once: the error is at most g (|start| + sum |w| |x|) with g = K u / (1 - K u) < (K + 1) u.
    @Test(arguments: InstructionSet.supported, [false, true])
    func matchesTheTwin(set: InstructionSet, transposed: Bool) {
        for rows in Self.sizes {
            for depth in Self.sizes {
                let setup = setup(set, rows: rows, depth: depth, transposed: transposed)
                setup.expectTwin(within: Double(depth + 1), vectors: 1 ... Self.maximumVectors)
                #expect(setup.strayWrites == 0)
            }
        }
    }

    /// `rectify` and `mask` differ from `store` in what their names say and in that they round and pack pairs of rows. A sign
    /// bit is that of the sum, also where it rounds to zero.
    @Test(arguments: InstructionSet.supported, [false, true])
    func epilogues(set: InstructionSet, transposed: Bool) {
        for rows in Self.sizes {
            for vectors in 1 ... Self.maximumVectors {
                let setup = setup(set, rows: rows, depth: 9, transposed: transposed)
                let stored = setup.stored()
                let rectified = setup.makePackedOutput()
                let signs = setup.makeBits()
                setup.run(.rectify, bits: signs, into: rectified, vectors: 0 ..< vectors)
                let masked = setup.makePackedOutput()
                let mask = setup.makeBits { row, byte in UInt8(truncatingIfNeeded: (row * 37 + byte * 101) ^ 0x5c) }
                setup.run(.mask, bits: mask, into: masked, vectors: 0 ..< vectors)

                let (all, written) = (0 ..< paddedToTile(rows), vectors * setup.table.lanes)
                var faults = 0
                for pair in 0 ..< all.count / 2 {
                    for pixel in 0 ..< written {
                        let (even, odd) = (stored[2 * pair, pixel], stored[2 * pair + 1, pixel])
                        let positive = packedPair(even: max(0, even), odd: max(0, odd))
                        let kept = packedPair(
                            even: mask.bit(2 * pair, pixel: pixel) ? even : 0,
                            odd: mask.bit(2 * pair + 1, pixel: pixel) ? odd : 0)
                        faults += rectified[pair, pixel].bitPattern == positive.bitPattern ? 0 : 1
                        faults += masked[pair, pixel].bitPattern == kept.bitPattern ? 0 : 1
                        faults += signs.bit(2 * pair, pixel: pixel) == (even > 0) ? 0 : 1
                        faults += signs.bit(2 * pair + 1, pixel: pixel) == (odd > 0) ? 0 : 1
                    }
                }
                #expect(faults == 0, "\(rows) rows, \(vectors) vectors")
                let pairs = 0 ..< all.count / 2
                #expect(rectified.changes(outsideRows: pairs, columns: 0 ..< written) == 0)
                #expect(masked.changes(outsideRows: pairs, columns: 0 ..< written) == 0)
                #expect(signs.changes(outsideRows: all, columns: 0 ..< written / 8) == 0)
                #expect(mask.changes() == 0)
                #expect(setup.strayWrites == 0)
            }
        }
    }

    @Test(arguments: InstructionSet.supported, [false, true])
    func bitsDoNotDependOnHowTheWorkIsCut(set: InstructionSet, transposed: Bool) {
        let setup = setup(set, rows: 54, depth: 131, transposed: transposed)
        setup.expectSameBitsHoweverCut { setup.makePackedOutput() }
    }

    /// Rows of Y are stored one by one, or packed two by two: both where the contract says.
    @Test(arguments: InstructionSet.supported, [false, true])
    func aRangeOfRowTilesWritesNothingElse(set: InstructionSet, transposed: Bool) {
        let setup = setup(set, rows: 54, depth: 9, transposed: transposed)
        let columns = 0 ..< 3 * setup.table.lanes
        for tiles in [0 ..< 1, 2 ..< 5, 6 ..< 7, 4 ..< 4] {
            let stored = setup.makeOutput()
            setup.run(into: stored, rowTiles: tiles, vectors: 0 ..< 3)
            let packed = setup.makePackedOutput()
            let signs = setup.makeBits()
            setup.run(.rectify, bits: signs, into: packed, rowTiles: tiles, vectors: 0 ..< 3)
            for (output, edge) in [(stored, 8), (packed, 4)] {
                let rows = edge * tiles.lowerBound ..< edge * tiles.upperBound
                #expect(output.changes(outsideRows: rows, columns: columns) == 0)
                #expect(output.bits(rows: rows, columns: columns).allSatisfy { $0 != Float.canary.bits })
            }
            let rows = 8 * tiles.lowerBound ..< 8 * tiles.upperBound
            #expect(signs.changes(outsideRows: rows, columns: 0 ..< columns.count / 8) == 0)
        }
        let output = setup.makeOutput()
        setup.run(into: output, vectors: 0 ..< 0)
        #expect(output.changes() == 0)
    }

    @Test(arguments: InstructionSet.supported) func aTransposedProductIsThatOfTheTransposedMatrix(set: InstructionSet) {
        for rows in Self.sizes {
            for depth in Self.sizes {
                let results = [false, true].map { setup(set, rows: rows, depth: depth, transposed: $0).stored().allBits }
                #expect(results[0] == results[1], "\(rows) x \(depth)")
            }
        }
    }

    @Test(arguments: InstructionSet.supported, [false, true])
    func notANumberIsKeptInItsPixel(set: InstructionSet, isOdd: Bool) {
        let setup = setup(set, rows: 9, depth: 7, transposed: false)
        let clean = setup.makePackedOutput()
        setup.run(.rectify, bits: setup.makeBits(), into: clean, vectors: 0 ..< 3)
        let spoilt = 2 * setup.table.lanes - 3
        setup.input[2, spoilt] = isOdd ? packedPair(even: 1, odd: .nan) : packedPair(even: .nan, odd: 1)
        let output = setup.makePackedOutput()
        let signs = setup.makeBits()
        setup.run(.rectify, bits: signs, into: output, vectors: 0 ..< 3)
        for pixel in 0 ..< 3 * setup.table.lanes {
            for row in 0 ..< 9 {
                let word = output[row / 2, pixel].bitPattern
                if pixel == spoilt {
                    #expect(Float(bitPattern: row % 2 == 0 ? word << 16 : word & 0xffff_0000).isNaN)
                    #expect(!signs.bit(row, pixel: pixel))
                } else {
                    #expect(word == clean[row / 2, pixel].bitPattern)
                }
            }
        }
        // Where the bit is clear, `mask` gives zero whatever the value.
        let masked = setup.makePackedOutput()
        setup.run(.mask, bits: setup.makeBits { _, _ in 0 }, into: masked, vectors: 0 ..< 3)
        #expect(masked.bits(rows: 0 ..< 5, columns: 0 ..< 3 * setup.table.lanes).allSatisfy { $0 == 0 })
    }
}

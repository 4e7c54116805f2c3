import KernelDispatch
import KernelInterface
import TestSupport
import Testing

/// `KernelTable.product` against its contract, `PointwiseProduct`.
@Suite struct PointwiseProductBodyTests {
    static let sizes = [1, 7, 8, 9, 54, 131]
    static let maximumVectors = 9

    /// A matrix (rows, depth) or, transposed, (depth, rows), with everything that a product with it needs.
    struct Setup: ProductSetup {
        let table: KernelTable
        let rows: Int
        let depth: Int
        let transposed: Bool
        let pixels: Int
        /// (rows, depth) or (depth, rows), row-major.
        let weights: [Float]
        let matrix: PackedMatrix
        let start: [Float]
        let input: GuardedPanel<Float>

        init(_ set: InstructionSet, rows: Int, depth: Int, transposed: Bool, _ alignment: Alignment = .unaligned) {
            table = set.table
            self.rows = rows
            self.depth = depth
            self.transposed = transposed
            pixels = PointwiseProductBodyTests.maximumVectors * table.lanes
            let elements = signedNumbers(rows * depth, seed: 1)
            let columns = transposed ? rows : depth
            weights = elements
            matrix = PackedMatrix(rows: transposed ? depth : rows, columns: columns) { elements[$0 * columns + $1] }
            start = signedNumbers(rows, seed: 2) + [Float](repeating: 0, count: paddedToTile(rows) - rows)
            let numbers = signedNumbers(depth * pixels, seed: 3)
            input = GuardedPanel(depth, pixels, alignment) { [pixels] in numbers[$0 * pixels + $1] }
        }

        func reference() -> ReferenceProduct {
            ReferenceProduct(
                rows: rows, depth: depth, pixels: pixels, start: start,
                weight: { weights[transposed ? $1 * rows + $0 : $0 * depth + $1] }, input: { input[$0, $1] })
        }
    }

    /// Each result is a chain of `depth` multiplications and additions from `start` on, each rounded at most once: the error
    /// is at most g (|start| + sum |w| |x|) with g = (K + 1) u / (1 - (K + 1) u) < (K + 2) u for K up to 131.
    @Test(arguments: InstructionSet.supported, [false, true])
    func matchesTheTwin(set: InstructionSet, transposed: Bool) {
        for rows in Self.sizes {
            for depth in Self.sizes {
                let setup = Setup(set, rows: rows, depth: depth, transposed: transposed)
                setup.expectTwin(within: Double(depth + 2), vectors: 1 ... Self.maximumVectors)
                #expect(setup.input.changes() == 0)
            }
        }
    }

    /// `rectify` and `mask` differ from `store` in nothing but what their names say, so they are held against it bit by bit.
    @Test(arguments: InstructionSet.supported, [false, true])
    func epilogues(set: InstructionSet, transposed: Bool) {
        for rows in Self.sizes {
            for vectors in 1 ... Self.maximumVectors {
                let setup = Setup(set, rows: rows, depth: 9, transposed: transposed)
                let written = vectors * setup.table.lanes
                let stored = setup.makeOutput()
                setup.run(into: stored, vectors: 0 ..< vectors)

                let rectified = setup.makeOutput()
                let signs = setup.makeBits()
                setup.run(.rectify, bits: signs, into: rectified, vectors: 0 ..< vectors)
                let masked = setup.makeOutput()
                let mask = setup.makeBits { row, byte in UInt8(truncatingIfNeeded: (row * 37 + byte * 101) ^ 0x5c) }
                setup.run(.mask, bits: mask, into: masked, vectors: 0 ..< vectors)

                var faults = 0
                for row in 0 ..< rows {
                    for pixel in 0 ..< written {
                        let value = stored[row, pixel]
                        faults += rectified[row, pixel] == max(0, value) ? 0 : 1
                        faults += signs.bit(row, pixel: pixel) == (value > 0) ? 0 : 1
                        let kept = mask.bit(row, pixel: pixel) ? value.bitPattern : 0
                        faults += masked[row, pixel].bitPattern == kept ? 0 : 1
                    }
                }
                #expect(faults == 0, "\(rows) rows, \(vectors) vectors")
                let all = 0 ..< paddedToTile(rows)
                #expect(rectified.changes(outsideRows: all, columns: 0 ..< written) == 0)
                #expect(masked.changes(outsideRows: all, columns: 0 ..< written) == 0)
                #expect(signs.changes(outsideRows: all, columns: 0 ..< written / 8) == 0)
                #expect(mask.changes() == 0)
            }
        }
    }

    @Test(arguments: InstructionSet.supported, [false, true])
    func bitsDoNotDependOnHowTheWorkIsCut(set: InstructionSet, transposed: Bool) {
        let setup = Setup(set, rows: 54, depth: 131, transposed: transposed)
        setup.expectSameBitsHoweverCut { setup.makeOutput() }
    }

    @Test(arguments: InstructionSet.supported) func aRangeOfRowTilesWritesNothingElse(set: InstructionSet) {
        let setup = Setup(set, rows: 54, depth: 9, transposed: false)
        for tiles in [0 ..< 1, 2 ..< 5, 6 ..< 7, 4 ..< 4] {
            let output = setup.makeOutput()
            setup.run(into: output, rowTiles: tiles, vectors: 0 ..< 3)
            let rows = 8 * tiles.lowerBound ..< 8 * tiles.upperBound
            let columns = 0 ..< 3 * setup.table.lanes
            #expect(output.changes(outsideRows: rows, columns: columns) == 0)
            #expect(output.bits(rows: rows, columns: columns).allSatisfy { $0 != Float.canary.bits })
        }
        let output = setup.makeOutput()
        setup.run(into: output, vectors: 0 ..< 0)
        #expect(output.changes() == 0)
    }

    @Test(arguments: InstructionSet.supported) func alignmentChangesNothing(set: InstructionSet) {
        var results: [[UInt32]] = []
        for alignment in Alignment.allCases {
            let setup = Setup(set, rows: 9, depth: 54, transposed: false, alignment)
            let output = setup.makeOutput(alignment)
            setup.run(into: output, vectors: 0 ..< Self.maximumVectors)
            results.append(output.allBits)
        }
        #expect(results[0] == results[1])
    }

    /// A result of zero is not positive, so `mask` does not let through what `rectify` did not.
    @Test(arguments: InstructionSet.supported) func zeroHasNoBit(set: InstructionSet) {
        let setup = Setup(set, rows: 1, depth: 8, transposed: false)
        for row in 0 ..< 8 {
            for pixel in 0 ..< setup.pixels { setup.input[row, pixel] = 0 }
        }
        let output = setup.makeOutput()
        let signs = setup.makeBits()
        let start = GuardedPanel<Float>(1, 8) { _, row in row == 1 ? .leastNonzeroMagnitude : row == 2 ? -0.0 : 0 }
        let product = PointwiseProduct(
            setup.matrix.operand(), start: start.base, epilogue: .rectify, bits: signs.base, bitsStride: signs.stride,
            input: setup.input.base, inputStride: setup.input.stride, output: output.base, outputStride: output.stride)
        set.table.product(product, 0 ..< 1, 3)
        for row in 0 ..< 8 {
            #expect((0 ..< 3 * set.table.lanes).allSatisfy { signs.bit(row, pixel: $0) == (row == 1) }, "row \(row)")
        }
    }

    @Test(arguments: InstructionSet.supported) func notANumberIsKeptInItsPixel(set: InstructionSet) {
        let setup = Setup(set, rows: 9, depth: 7, transposed: false)
        let clean = setup.makeOutput()
        setup.run(.rectify, bits: setup.makeBits(), into: clean, vectors: 0 ..< 3)
        let spoilt = 2 * setup.table.lanes - 3
        setup.input[4, spoilt] = .nan
        let output = setup.makeOutput()
        let signs = setup.makeBits()
        setup.run(.rectify, bits: signs, into: output, vectors: 0 ..< 3)
        for pixel in 0 ..< 3 * setup.table.lanes {
            for row in 0 ..< 9 {
                if pixel == spoilt {
                    #expect(output[row, pixel].isNaN)
                    #expect(!signs.bit(row, pixel: pixel))
                } else {
                    #expect(output[row, pixel].bitPattern == clean[row, pixel].bitPattern)
                }
            }
        }
        // Where the bit is clear, `mask` gives zero whatever the value.
        let masked = setup.makeOutput()
        setup.run(.mask, bits: setup.makeBits { _, _ in 0 }, into: masked, vectors: 0 ..< 3)
        #expect(masked.bits(rows: 0 ..< 9, columns: 0 ..< 3 * setup.table.lanes).allSatisfy { $0 == 0 })
    }
}

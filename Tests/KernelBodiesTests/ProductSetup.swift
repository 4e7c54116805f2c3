import KernelInterface
import TestSupport
import Testing

/// A product W X + start with everything that it needs, in fp32 or bf16: W is a matrix (rows, depth) or, transposed, (depth, rows).
protocol ProductSetup {
    var table: KernelTable { get }
    var rows: Int { get }
    var depth: Int { get }
    var pixels: Int { get }
    var transposed: Bool { get }
    var matrix: PackedMatrix { get }
    var start: [Float] { get }
    var input: GuardedPanel<Float> { get }
    var scratchMemory: UnsafeMutablePointer<Float>? { get }

    func reference() -> ReferenceProduct
}

extension ProductSetup {
    var scratchMemory: UnsafeMutablePointer<Float>? { nil }

    var rowTiles: Range<Int> { 0 ..< paddedToTile(rows) / PackedMatrix.edge }

    /// Room for a stored result.
    func makeOutput(_ alignment: Alignment = .unaligned) -> GuardedPanel<Float> {
        GuardedPanel(paddedToTile(rows), pixels, alignment)
    }

    func makeBits(element: ((Int, Int) -> UInt8)? = nil) -> GuardedPanel<UInt8> {
        GuardedPanel(paddedToTile(rows), pixels / 8, element: element)
    }

    /// Computes the given part of the result.
    func run(
        _ epilogue: Epilogue = .store, bits: GuardedPanel<UInt8>? = nil, into output: GuardedPanel<Float>,
        rowTiles: Range<Int>? = nil, vectors: Range<Int>
    ) {
        let pixel = vectors.lowerBound * table.lanes
        start.withUnsafeBufferPointer { start in
            guard let start = start.baseAddress else { return }
            let product = PointwiseProduct(
                matrix.operand(transposed: transposed), start: start, epilogue: epilogue,
                bits: bits.map { $0.base + pixel / 8 }, bitsStride: bits?.stride ?? 0,
                input: input.base + pixel, inputStride: input.stride,
                output: output.base + pixel, outputStride: output.stride, scratch: scratchMemory)
            table.product(product, rowTiles ?? self.rowTiles, vectors.count)
        }
    }

    /// The stored result of each number of vectors against the twin; rows beyond the matrix are zero, and nothing else is written.
    func expectTwin(within bound: Double, vectors: ClosedRange<Int>, sourceLocation: SourceLocation = #_sourceLocation) {
        let reference = reference()
        for vectors in vectors {
            let (output, written) = (makeOutput(), vectors * table.lanes)
            run(into: output, vectors: 0 ..< vectors)
            TestSupport.expectTwin(
                rows: rows, columns: written, within: bound, found: { output[$0, $1] }, twin: { reference[$0, $1] },
                "\(rows) x \(depth), \(vectors) vectors", sourceLocation: sourceLocation)
            #expect(
                output.changes(outsideRows: 0 ..< paddedToTile(rows), columns: 0 ..< written) == 0, sourceLocation: sourceLocation)
            #expect(
                (rows ..< paddedToTile(rows)).allSatisfy { output[$0, 0] == 0 }, "rows beyond the matrix",
                sourceLocation: sourceLocation)
        }
    }

    /// The bits of a result with 54 rows and 9 vectors that is computed at once, and in parts.
    func expectSameBitsHoweverCut(
        sourceLocation: SourceLocation = #_sourceLocation, output makeOutput: () -> GuardedPanel<Float>
    ) {
        let whole = makeOutput()
        let wholeSigns = makeBits()
        run(.rectify, bits: wholeSigns, into: whole, vectors: 0 ..< 9)

        for cuts in [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 2, 5, 9], [0, 7, 9], [0, 0, 9]] {
            let parts = makeOutput()
            let signs = makeBits()
            for (first, end) in zip(cuts, cuts.dropFirst()) {
                for tiles in [3 ..< 7, 0 ..< 1, 1 ..< 3] {
                    run(.rectify, bits: signs, into: parts, rowTiles: tiles, vectors: first ..< end)
                }
            }
            #expect(parts.allBits == whole.allBits, "cut at \(cuts)", sourceLocation: sourceLocation)
            #expect(signs.allBits == wholeSigns.allBits, "cut at \(cuts)", sourceLocation: sourceLocation)
        }
    }
}

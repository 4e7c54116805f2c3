import KernelDispatch
import KernelInterface
import TestSupport

/// A product in bf16 with everything that it needs: a matrix (rows, depth) or, transposed, (depth, rows), and packed inputs.
struct PairProductSetup: ProductSetup {
    let table: KernelTable
    let rows: Int
    let depth: Int
    let transposed: Bool
    let pixels: Int
    /// (rows, depth), (rows) and (depth, pixels) in float32, row-major.
    let weights, start, inputs: [Float]
    let matrix: PackedMatrix
    /// (depth / 2 rounded up, pixels) packed words; an odd last row is paired with zeros.
    let input: GuardedPanel<Float>
    let scratch: GuardedPanel<Float>

    /// - Parameter pixels: a multiple of 16, the same for every instruction set.
    init(
        _ set: InstructionSet, rows: Int, depth: Int, transposed: Bool, pixels: Int,
        weights: [Float]? = nil, start: [Float]? = nil, inputs: [Float]? = nil
    ) {
        table = set.table
        (self.rows, self.depth, self.transposed, self.pixels) = (rows, depth, transposed, pixels)
        let weights = weights ?? signedNumbers(rows * depth, seed: 1)
        let inputs = inputs ?? signedNumbers(depth * pixels, seed: 3)
        self.weights = weights
        self.inputs = inputs
        self.start = (start ?? signedNumbers(rows, seed: 2)) + [Float](repeating: 0, count: paddedToTile(rows) - rows)
        matrix = PackedMatrix(rows: transposed ? depth : rows, columns: transposed ? rows : depth, precision: .bf16) {
            weights[transposed ? $1 * depth + $0 : $0 * depth + $1]
        }
        input = GuardedPanel((depth + 1) / 2, pixels) { pair, pixel in
            packedPair(
                even: inputs[2 * pair * pixels + pixel],
                odd: 2 * pair + 1 < depth ? inputs[(2 * pair + 1) * pixels + pixel] : 0)
        }
        scratch = GuardedPanel(1, PointwiseProduct.scratchWords(depth: depth))
    }

    var vectors: Int { pixels / table.lanes }

    func weight(_ row: Int, _ k: Int) -> Float { roundedToBrainFloat(weights[row * depth + k]) }
    func input(_ k: Int, _ pixel: Int) -> Float { roundedToBrainFloat(inputs[k * pixels + pixel]) }

    func reference() -> ReferenceProduct {
        ReferenceProduct(rows: rows, depth: depth, pixels: pixels, start: start, weight: weight, input: input)
    }

    /// The sum in the order of the contract, the upper product of a pair before the lower, each addition rounded once.
    func chain(_ row: Int, _ pixel: Int) -> Float {
        var sum = start[row]
        for lower in stride(from: 0, to: depth, by: 2) {
            if lower + 1 < depth { sum.addProduct(weight(row, lower + 1), input(lower + 1, pixel)) }
            sum.addProduct(weight(row, lower), input(lower, pixel))
        }
        return sum
    }

    /// Room for a result that is packed.
    func makePackedOutput() -> GuardedPanel<Float> { GuardedPanel(paddedToTile(rows) / 2, pixels) }

    /// A transposed product needs it.
    var scratchMemory: UnsafeMutablePointer<Float>? { transposed ? scratch.base : nil }

    /// The stored result of all pixels.
    func stored() -> GuardedPanel<Float> {
        let output = makeOutput()
        run(into: output, vectors: 0 ..< vectors)
        return output
    }

    /// Numbers written to what a product reads, or around its scratch.
    var strayWrites: Int {
        input.changes() + scratch.changes(outsideRows: 0 ..< (transposed ? 1 : 0), columns: 0 ..< scratch.columns)
    }
}

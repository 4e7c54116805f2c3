import KernelInterface

/// The learned prior of a level as the kernels read it: see `LevelPriorParameters`.
///
/// z = (v - mu) e^-ls is an affine coupling (v + t) s with t = -mu, s = e^r and r = -ls, whose network is one convolution. Products are
/// float32 in every precision: they are one in thousands, and each goes into the latent unrounded.
final class LevelPrior: Sendable {
    /// Y, 0 where t and r do not depend on the kept half, and Z.
    let inputs, channels: Int
    /// Whether t and r depend on the kept half.
    let isConstant: Bool
    /// (t, r) of gathered patches of the kept half and of the border channel, (2 Z, 9 Y + 9).
    private let direct: PackedMatrix
    /// Cotangents of the state of gathered patches of those of (t, r), (C, 18 Z): zero but for the kept half.
    private let transpose: PackedMatrix
    /// What (t, r) start with (2 Z), and zeros, padded to whole tiles.
    private let bias, zeros: AlignedBuffer<Float>
    /// (t, r) of each latent value, (2 Z, pixels), in place of all else.
    let map: AlignedBuffer<Float>?

    static let form = AffineForm(scaleMap: .exponential)

    /// - Parameter parts: the channels of the state that the level keeps, and those that it sends.
    init(_ parameters: LevelPriorParameters, parts: (kept: Range<Int>, sent: Range<Int>)) {
        let shape = parameters.shape
        isConstant = shape.form.isConstant
        let (inputs, outputs) = (isConstant ? 0 : shape.inputs, 2 * shape.channels)
        self.inputs = inputs
        channels = shape.channels
        let (weight, border) = (parameters[.weight], parameters[.border])
        direct = PackedMatrix(rows: outputs, columns: 9 * inputs + 9) { row, column in
            column < 9 * inputs ? -(weight?[row * 9 * inputs + column] ?? 0) : -(border?[row * 9 + column - 9 * inputs] ?? 0)
        }
        transpose = PackedMatrix(rows: isConstant ? 0 : parts.kept.count + parts.sent.count, columns: 9 * outputs) { row, column in
            guard let weight, parts.kept.contains(row) else { return 0 }
            return -weight[(column / 9 * inputs + row - parts.kept.lowerBound) * 9 + column % 9]
        }
        bias = AlignedBuffer(count: paddedToTile(outputs))
        zeros = AlignedBuffer(count: paddedToTile(max(outputs, 2 * inputs)))
        if let values = parameters[.bias] { bias.fill(values.lazy.map { -$0 }) }
        map = parameters[.map].map { values in
            let map = AlignedBuffer<Float>(count: values.count)
            map.fill(values.lazy.map { -$0 })
            return map
        }
    }

    /// (t, r) of an image, or their tangents.
    func product(ofTangents: Bool) -> (matrix: MatrixOperand, start: UnsafePointer<Float>) {
        let matrix = direct.operand()
        return ofTangents ? (matrix.limited(depth: 9 * inputs), UnsafePointer(zeros.base)) : (matrix, UnsafePointer(bias.base))
    }

    /// What the cotangents of (t, r) add to those of the state.
    var cotangentProduct: (matrix: MatrixOperand, start: UnsafePointer<Float>) { (transpose.operand(), UnsafePointer(zeros.base)) }

    /// Rows of patches that it gathers.
    static func gatheredRows(_ shape: LevelPriorShape) -> Int {
        9 * max(shape.inputs + 1, shape.form.isConstant ? 0 : 2 * shape.channels)
    }

    /// Bytes of the packed weights.
    var bytes: Int { direct.bytes + transpose.bytes + bias.bytes + zeros.bytes + (map?.bytes ?? 0) }
}

// The contracts of the kernels, public so that the compiler knows their layout while it compiles a kernel: it would spill registers for types
// of the package. `Reglow` does not export them. Shapes: a plane or panel is a matrix (row, pixel) of Float whose rows lie `...Stride` apart;
// a kernel works on `vectors` whole vectors of pixels from the given pointers on, and never on part of a vector: rows are
// padded by their owner. Lane bits are one bit per pixel, lowest pixel first, in bytes.

/// What a product does to its result before it is stored.
public enum Epilogue: Sendable {
    /// Stores it.
    case store
    /// max(0, y), with NaN kept; records the sign bits y > 0.
    case rectify
    /// Keeps y where the recorded bit is set, zero elsewhere: the Jacobian of `rectify`, which is its own transpose.
    case mask
    /// Adds it to what is stored.
    case add
}

/// Y = epilogue(start + W X), or W' X: one pointwise (1x1) convolution, or a 3x3 one on gathered patches.
///
/// X is (depth, pixels), Y is (8 * rowTiles, pixels), start is one number per row of Y. Each number of Y is one chain of
/// multiply-adds over the depth in ascending order from `start` on, so its bits do not depend on how pixels and rows are
/// divided over calls. X and Y do not overlap. Rows of Y beyond the matrix come from zero weights.
///
/// In bf16, X is packed: row p of the panel holds the rows 2p (lower half of each word) and 2p + 1 (upper half) of X as
/// bfloat16. A result that is rectified or masked is the next product's X, and is packed in the same way; a stored result is
/// float32, and so is one that is added. For each pair the upper product is added to the sum first, then the lower, each with one
/// rounding and with subnormals flushed: what the processor's instruction does. Every instruction set gives the same bits; the
/// portable one, which rounds a product before it adds it, where no product overflows or is subnormal.
public struct PointwiseProduct {
    /// What the numbers of the panels are packed as.
    public var precision: Precision
    /// The first tile of W.
    public var weights: UnsafePointer<Float>
    /// Words from one tile to the next along the rows of Y, and along the depth.
    public var rowTileStride: Int
    /// Words from one tile to the next along the depth.
    public var depthTileStride: Int
    /// Whether W' is the factor.
    public var transposed: Bool
    /// Rows of X.
    public var depth: Int
    /// What the sums start with, one number for each row.
    public var start: UnsafePointer<Float>
    /// What is done to a result before it is stored.
    public var epilogue: Epilogue
    /// (8 * rowTiles, pixels / 8) bytes, for `rectify` (written) and `mask` (read).
    public var bits: UnsafeMutablePointer<UInt8>?
    /// Bytes from row to row of the lane bits.
    public var bitsStride: Int
    /// The first row of the input.
    public var input: UnsafePointer<Float>
    /// Floats from row to row of the input.
    public var inputStride: Int
    /// The first row of the output.
    public var output: UnsafeMutablePointer<Float>
    /// Floats from row to row of the output.
    public var outputStride: Int
    /// `scratchWords` words for a transposed product in bf16, where two columns of tiles are transposed before they are used.
    public var scratch: UnsafeMutablePointer<Float>?

    /// Words of scratch that a product over this depth needs.
    public static func scratchWords(depth: Int) -> Int { paddedToTile(depth) * PackedMatrix.edge }

    /// Takes the arguments as they are; the properties say what each is.
    public init(
        _ operand: MatrixOperand, start: UnsafePointer<Float>, epilogue: Epilogue = .store, bits: UnsafeMutablePointer<UInt8>? = nil,
        bitsStride: Int = 0, input: UnsafePointer<Float>, inputStride: Int, output: UnsafeMutablePointer<Float>, outputStride: Int,
        scratch: UnsafeMutablePointer<Float>? = nil
    ) {
        precision = operand.precision
        weights = operand.weights
        rowTileStride = operand.rowTileStride
        depthTileStride = operand.depthTileStride
        transposed = operand.isTransposed
        depth = operand.depth
        self.start = start
        self.epilogue = epilogue
        self.bits = bits
        self.bitsStride = bitsStride
        self.input = input
        self.inputStride = inputStride
        self.output = output
        self.outputStride = outputStride
        self.scratch = scratch
    }

    /// S += A B', the sum over the pixels of outer products: A (8 rowTiles, pixels) and B (columns, pixels) as `PanelTranspose` transposes
    /// them, as weights and as an input, S (8 rowTiles, columns). The depth is the pixels.
    ///
    /// - Parameter zeros: as many as A has rows.
    public init(
        precision: Precision, pixels: Int, transposedWeights: UnsafePointer<Float>,
        transposedInput: UnsafePointer<Float>, inputStride: Int, zeros: UnsafePointer<Float>,
        sums: UnsafeMutablePointer<Float>, sumsStride: Int
    ) {
        self.precision = precision
        weights = transposedWeights
        rowTileStride = PanelTranspose.weightsTileStride(precision, pixels: pixels)
        depthTileStride = PackedMatrix.tileWords(precision)
        // A tile of float32 holds a pixel's eight rows together, a tile of pairs as for a product that is not transposed.
        transposed = precision == .fp32
        depth = pixels
        start = zeros
        epilogue = .add
        bits = nil
        bitsStride = 0
        input = transposedInput
        self.inputStride = inputStride
        output = sums
        outputStride = sumsStride
        scratch = nil
    }
}

/// Transposes a panel, so that a product can run along its pixels: output[t * tileStride + p * pixelStride + r] = X[8 t + r, p]
/// for the tiles t, their rows r and the pixels p; where there are `sums`, sums[8 t + r] += the sum of that row over the pixels.
///
/// With pixelStride = 8 and tileStride = `weightsTileStride` the output is the weights of a product, with tileStride = 8 its
/// input. X is (8 tiles, pixels). In bf16 two rows of X are packed in one, as a product packs them, and so are two pixels of the
/// output: pixel p is pair p, which holds the pixels 2 p (lower half of each word) and 2 p + 1.
public struct PanelTranspose {
    /// What the numbers of the panels are packed as.
    public var precision: Precision
    /// The first row of the input.
    public var input: UnsafePointer<Float>
    /// Floats from row to row of the input.
    public var inputStride: Int
    /// The first row of the output.
    public var output: UnsafeMutablePointer<Float>
    /// Words from tile to tile of the output.
    public var tileStride: Int
    /// Words from pixel to pixel of the output.
    public var pixelStride: Int
    /// What the sum of each row over the pixels is added to; nil where none is asked for.
    public var sums: UnsafeMutablePointer<Float>?

    /// Words of the weights of one row tile.
    public static func weightsTileStride(_ precision: Precision, pixels: Int) -> Int {
        PackedMatrix.edge * (precision == .fp32 ? pixels : pixels / 2)
    }

    /// Takes the arguments as they are; the properties say what each is.
    public init(
        precision: Precision, input: UnsafePointer<Float>, inputStride: Int, output: UnsafeMutablePointer<Float>,
        tileStride: Int, pixelStride: Int, sums: UnsafeMutablePointer<Float>? = nil
    ) {
        self.precision = precision
        self.input = input
        self.inputStride = inputStride
        self.output = output
        self.tileStride = tileStride
        self.pixelStride = pixelStride
        self.sums = sums
    }
}

/// The nine neighbours of a pixel in a batch of images whose rows lie end to end: tap 3 (dy + 1) + dx + 1 is at (dy, dx).
///
/// `offsets[tap]` is the distance to the neighbour and `bits` has one row per tap, set where the neighbour lies in the same
/// image. A plane must be readable at every offset, also where the bit is clear.
public struct Neighbourhood {
    /// The distance to each of the nine neighbours, in floats.
    public var offsets: UnsafePointer<Int>
    /// One row of lane bits for each neighbour, set where it lies in the same image.
    public var bits: UnsafePointer<UInt8>
    /// Bytes from row to row of the lane bits.
    public var bitsStride: Int

    /// Takes the arguments as they are; the properties say what each is.
    public init(offsets: UnsafePointer<Int>, bits: UnsafePointer<UInt8>, bitsStride: Int) {
        self.offsets = offsets
        self.bits = bits
        self.bitsStride = bitsStride
    }
}

/// output[9 c + tap] = source[c] at the neighbour of that tap, zero outside the image. Shapes: (channels) to (9 channels). With the border,
/// nine rows more: those of a channel that is 1 outside of the image and 0 inside.
///
/// In bf16 two rows of the output are packed into one, as `PointwiseProduct` reads them; an odd last row is paired with zeros.
public struct PatchGather {
    /// What the numbers of the panels are packed as.
    public var precision: Precision
    /// The nine neighbours of each pixel.
    public var neighbourhood: Neighbourhood
    /// How many channels there are.
    public var channels: Int
    /// Whether the rows of the border channel are made too.
    public var gathersBorder: Bool
    /// The first plane of the source.
    public var source: UnsafePointer<Float>
    /// Floats from plane to plane of the source.
    public var sourceStride: Int
    /// The first row of the output.
    public var output: UnsafeMutablePointer<Float>
    /// Floats from row to row of the output.
    public var outputStride: Int

    /// Takes the arguments as they are; the properties say what each is.
    public init(
        precision: Precision = .fp32, neighbourhood: Neighbourhood, channels: Int, gathersBorder: Bool = false,
        source: UnsafePointer<Float>,
        sourceStride: Int, output: UnsafeMutablePointer<Float>, outputStride: Int
    ) {
        self.precision = precision
        self.neighbourhood = neighbourhood
        self.channels = channels
        self.gathersBorder = gathersBorder
        self.source = source
        self.sourceStride = sourceStride
        self.output = output
        self.outputStride = outputStride
    }
}

/// target[c] += weight * (start[c] + sum over taps of taps[9 c + tap] at that tap's neighbour).
///
/// The transpose of `PatchGather` when the neighbourhood is mirrored. `accumulates` false writes instead of adding.
public struct ShiftAdd {
    /// The nine neighbours of each pixel.
    public var neighbourhood: Neighbourhood
    /// How many channels there are.
    public var channels: Int
    /// The first tap plane.
    public var taps: UnsafePointer<Float>
    /// Floats from plane to plane of the taps.
    public var tapsStride: Int
    /// What the sums start with, one number for each row.
    public var start: UnsafePointer<Float>
    /// What a tap outside of the image is taken as, (channels, 9); nil is zero.
    public var border: UnsafePointer<Float>?
    /// What the sum is multiplied with.
    public var weight: Float
    /// Whether the sum is added to the target, or replaces it.
    public var accumulates: Bool
    /// The first row of the target.
    public var target: UnsafeMutablePointer<Float>
    /// Floats from row to row of the target.
    public var targetStride: Int

    /// Takes the arguments as they are; the properties say what each is.
    public init(
        neighbourhood: Neighbourhood, channels: Int, taps: UnsafePointer<Float>, tapsStride: Int,
        start: UnsafePointer<Float>, border: UnsafePointer<Float>? = nil, weight: Float, accumulates: Bool,
        target: UnsafeMutablePointer<Float>, targetStride: Int
    ) {
        self.neighbourhood = neighbourhood
        self.channels = channels
        self.taps = taps
        self.tapsStride = tapsStride
        self.start = start
        self.border = border
        self.weight = weight
        self.accumulates = accumulates
        self.target = target
        self.targetStride = targetStride
    }
}

/// The pixelwise part of an affine coupling, b' = (b + t) s or b s + t with s made of r: see `AffineForm`.
///
/// `transformed` is b or b' (channels, pixels). `network` is (2 channels, pixels): t then r, their tangents, or the
/// cotangents that the network gets. `scale` is s and `slope` is db'/dr; the value maps write both, the Jacobian
/// products read them.
public struct AffineCoupling {
    /// Which scales and which order it has.
    public var form: AffineForm
    /// How many channels there are.
    public var channels: Int
    /// The first plane of b or b', which is replaced.
    public var transformed: UnsafeMutablePointer<Float>
    /// Floats from plane to plane of `transformed`.
    public var transformedStride: Int
    /// The first row of what the network gives or gets.
    public var network: UnsafeMutablePointer<Float>
    /// Floats from row to row of `network`.
    public var networkStride: Int
    /// The first plane of s.
    public var scale: UnsafeMutablePointer<Float>
    /// The first plane of db'/dr.
    public var slope: UnsafeMutablePointer<Float>
    /// Floats from plane to plane of `scale` and `slope`.
    public var recordStride: Int
    /// log s (channels, pixels), written by `forward`; d log s / dr, written by `forwardVJP` where the form is not the standard one.
    public var logScale: UnsafeMutablePointer<Float>
    /// Floats from plane to plane of `logScale`.
    public var logScaleStride: Int
    /// Weight of the log-determinant in `forwardVJP`.
    public var logDeterminantWeight: Float

    /// Takes the arguments as they are; the properties say what each is.
    public init(
        form: AffineForm = .standard, channels: Int, transformed: UnsafeMutablePointer<Float>, transformedStride: Int,
        network: UnsafeMutablePointer<Float>, networkStride: Int,
        scale: UnsafeMutablePointer<Float>, slope: UnsafeMutablePointer<Float>, recordStride: Int,
        logScale: UnsafeMutablePointer<Float>, logScaleStride: Int, logDeterminantWeight: Float = 0
    ) {
        self.form = form
        self.channels = channels
        self.transformed = transformed
        self.transformedStride = transformedStride
        self.network = network
        self.networkStride = networkStride
        self.scale = scale
        self.slope = slope
        self.recordStride = recordStride
        self.logScale = logScale
        self.logScaleStride = logScaleStride
        self.logDeterminantWeight = logDeterminantWeight
    }
}

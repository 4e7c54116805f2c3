import KernelInterface

/// Inpainting: (A x)[c, i, j] = x[c, i, j] where the entry is kept, and 0 where it is missing.
///
/// Either all channels of a pixel are kept or missing together, or each channel has its own mask, as the sites of a colour filter array
/// or the channels that a bright colour has clipped.
///
/// A is diagonal, so A' = A. A missing entry gives exactly 0 even where the image is not finite.
package struct Mask: RawForwardOperator {
    package let imageShape: ImageShape
    package var measurementShape: ImageShape { imageShape }
    package var isNonnegative: Bool { true }

    /// Which entries are measured, row-major: height * width of them where all channels are alike, else channels * height * width.
    package let keep: [Bool]

    /// All ones for an entry that is measured, else 0: what remains of the bits of its numbers. As many as `keep` has.
    private let bits: [UInt32]

    /// - Parameter keep: height * width entries, for all channels alike, or channels * height * width, for each its own.
    /// - Throws: `OperatorError` when `keep` has another length or keeps nothing, or the shape is unusable.
    package init(imageShape: ImageShape, keep: [Bool]) throws {
        self.imageShape = try imageShape.requireUsable()
        if keep.count != imageShape.count { try OperatorError.requireCount(keep.count, imageShape.pixels, of: "mask") }
        guard keep.contains(true) else { throw OperatorError.maskKeepsNothing }
        self.keep = keep
        bits = keep.map { $0 ? .max : 0 }
    }

    /// A mask without exactly round(missing * height * width) pixels, every such set equally likely.
    ///
    /// The set is drawn by the first steps of a Fisher-Yates shuffle from the stream `.mask` of `seed`.
    ///
    /// - Throws: `OperatorError` when `missing` is not in [0, 1), no pixel would remain, or the shape is unusable.
    package static func random(_ imageShape: ImageShape, missing: Double, seed: UInt64) throws -> Mask {
        let pixels = try imageShape.requireUsable().pixels
        guard missing >= 0, missing < 1 else {
            throw OperatorError.outOfRange(
                parameter: "the missing fraction", value: "\(missing)", allowed: "at least 0 and less than 1")
        }
        var generator = SeededGenerator(seed: seed, stream: .mask)
        var order = Array(0 ..< pixels)
        var keep = [Bool](repeating: true, count: pixels)
        for drawn in 0 ..< Int((missing * Double(pixels)).rounded()) {
            order.swapAt(drawn, drawn + generator.nextIndex(below: pixels - drawn))
            keep[order[drawn]] = false
        }
        return try Mask(imageShape: imageShape, keep: keep)
    }

    /// A mask without a square of `size` x `size` pixels in the centre.
    ///
    /// Where it cannot be centred, because height - size (or width - size) is odd, it lies half a pixel above (left of) the
    /// centre: the first missing row is (height - size) / 2 rounded down.
    ///
    /// - Throws: `OperatorError` when the square is empty, larger than the image, or all of it, or the shape is unusable.
    package static func hole(_ imageShape: ImageShape, size: Int) throws -> Mask {
        let shape = try imageShape.requireUsable()
        let largest = min(shape.height, shape.width)
        guard size >= 1, size <= largest else {
            throw OperatorError.outOfRange(
                parameter: "the size of the hole", value: "\(size)",
                allowed: "from 1 to \(largest), the smaller side of the image")
        }
        let top = (shape.height - size) / 2
        let left = (shape.width - size) / 2
        var keep = [Bool](repeating: true, count: shape.pixels)
        for row in top ..< top + size {
            for column in left ..< left + size { keep[row * shape.width + column] = false }
        }
        return try Mask(imageShape: shape, keep: keep)
    }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        select(image, into: measurement)
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        select(measurement, into: image)
    }

    package func eraseUnmeasured(_ measurement: UnsafeMutablePointer<Float>) {
        select(measurement, into: measurement)
    }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, _ parallelism: Parallelism) {
        parallelism.forEach(blocks, .loop, SelectionLoop(mask: self, input: image, output: measurement))
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, _ parallelism: Parallelism) {
        parallelism.forEach(blocks, .loop, SelectionLoop(mask: self, input: measurement, output: image))
    }

    /// A'A = A.
    package func applyNormal(
        _ image: UnsafeMutablePointer<Float>, throughMeasurement measurement: UnsafeMutablePointer<Float>, _ parallelism: Parallelism
    ) {
        apply(image, into: image, parallelism)
    }

    /// Entries that a thread takes at once.
    private static let block = 1 << 15
    private var blocks: Int { (bits.count + Self.block - 1) / Self.block }

    private struct SelectionLoop: LoopBody {
        let mask: Mask
        let input: UnsafePointer<Float>
        let output: UnsafeMutablePointer<Float>

        func run(task: Int, worker: Int) {
            mask.select(task * Mask.block ..< min(mask.bits.count, (task + 1) * Mask.block), input, into: output)
        }
    }

    private func select(_ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>) {
        select(0 ..< bits.count, input, into: output)
    }

    /// The entries of a range of the mask, in each part of the image that the mask is for. `input` and `output` may be the same array.
    private func select(_ range: Range<Int>, _ input: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>) {
        bits.withUnsafeBufferPointer { bits in
            for first in stride(from: 0, to: imageShape.count, by: bits.count) {
                for entry in range { output[first + entry] = Float(bitPattern: input[first + entry].bitPattern & bits[entry]) }
            }
        }
    }
}

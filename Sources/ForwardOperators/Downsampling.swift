import KernelInterface

/// Super-resolution: each measured pixel is the mean of a block of s x s image pixels,
///
///     (A x)[c, i, j] = 1/s^2 * sum over a, b in 0 ..< s of x[c, s i + a, s j + b]
///
/// The adjoint gives each pixel of a block 1/s^2 of the measured value. s = 1 is the identity.
package struct Downsampling: RawForwardOperator {
    package let imageShape: ImageShape
    package let measurementShape: ImageShape
    package var isNonnegative: Bool { true }

    /// s, the side of a block.
    package let factor: Int

    /// - Throws: `OperatorError` when `factor` is below 1 or does not divide height and width, or the shape is unusable.
    package init(imageShape: ImageShape, factor: Int) throws {
        self.imageShape = try imageShape.requireUsable()
        guard factor >= 1, imageShape.height % factor == 0, imageShape.width % factor == 0 else {
            throw OperatorError.outOfRange(
                parameter: "the downsampling factor", value: "\(factor)",
                allowed: "at least 1 and a divisor of the image's height \(imageShape.height) and width \(imageShape.width)")
        }
        self.factor = factor
        measurementShape = ImageShape(
            channels: imageShape.channels, height: imageShape.height / factor, width: imageShape.width / factor)
    }

    /// 1/s^2 in one rounding, the same number in both directions.
    private var weight: Float { Float(1 / (Double(factor) * Double(factor))) }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        let weight = weight
        let width = measurementShape.width
        for row in 0 ..< measurementShape.channels * measurementShape.height {
            for column in 0 ..< width {
                var sum: Float = 0
                for blockRow in row * factor ..< (row + 1) * factor {
                    let block = image + (blockRow * width + column) * factor
                    var rowSum: Float = 0
                    for offset in 0 ..< factor { rowSum += block[offset] }
                    sum += rowSum
                }
                measurement[row * width + column] = sum * weight
            }
        }
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        let weight = weight
        let width = measurementShape.width
        for row in 0 ..< measurementShape.channels * measurementShape.height {
            for column in 0 ..< width {
                let spread = measurement[row * width + column] * weight
                for blockRow in row * factor ..< (row + 1) * factor {
                    (image + (blockRow * width + column) * factor).update(repeating: spread, count: factor)
                }
            }
        }
    }
}

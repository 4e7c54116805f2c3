import KernelInterface

/// Super-resolution: each measured pixel is the mean of a block of s x s image pixels,
///
///     (A x)[c, i, j] = 1/s^2 * sum over a, b in 0 ..< s of x[c, s i + a, s j + b]
///
/// The adjoint gives each pixel of a block 1/s^2 of the measured value. s = 1 is the identity.
package struct Downsampling: ChannelwiseOperator {
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

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, channel: Int) {
        let weight = weight
        let (width, height) = (measurementShape.width, measurementShape.height)
        for row in channel * height ..< (channel + 1) * height {
            let result = measurement + row * width
            let first = image + row * factor * width * factor
            sumBlocks(of: first, into: result)
            for line in 1 ..< max(factor, 1) { sumBlocks(of: first + line * width * factor, into: result, adding: true) }
            for column in 0 ..< width { result[column] *= weight }
        }
    }

    /// Writes, or adds, the sum of each `factor` numbers of a row of the image.
    private func sumBlocks(of line: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, adding: Bool = false) {
        let width = measurementShape.width
        if factor == 2 {
            if adding {
                for column in 0 ..< width { result[column] += line[2 * column] + line[2 * column + 1] }
            } else {
                for column in 0 ..< width { result[column] = line[2 * column] + line[2 * column + 1] }
            }
            return
        }
        for column in 0 ..< width {
            var sum: Float = 0
            for offset in 0 ..< factor { sum += line[column * factor + offset] }
            result[column] = adding ? result[column] + sum : sum
        }
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, channel: Int) {
        let weight = weight
        let (width, height) = (measurementShape.width, measurementShape.height)
        for row in channel * height ..< (channel + 1) * height {
            let values = measurement + row * width
            let first = image + row * factor * width * factor
            if factor == 2 {
                for column in 0 ..< width {
                    let spread = values[column] * weight
                    (first[2 * column], first[2 * column + 1]) = (spread, spread)
                }
            } else {
                for column in 0 ..< width { (first + column * factor).update(repeating: values[column] * weight, count: factor) }
            }
            for line in 1 ..< max(factor, 1) { (first + line * width * factor).update(from: first, count: width * factor) }
        }
    }
}

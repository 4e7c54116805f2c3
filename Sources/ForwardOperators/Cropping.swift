import KernelInterface

/// The measurement is a rectangle of a larger image, the canvas: (A x)[c, i, j] = x[c, top + i, left + j].
///
/// The adjoint puts the rectangle back and writes 0 around it. Composed inside another operator it lets a flow that only takes
/// multiples of some number restore an image of any size: the surroundings are unobserved, and the prior fills them.
package struct Cropping: ChannelwiseOperator {
    package let imageShape: ImageShape
    package let measurementShape: ImageShape
    package var isNonnegative: Bool { true }

    /// Row and column of the canvas at which the rectangle begins.
    package let top: Int
    package let left: Int

    /// - Throws: `OperatorError` when the rectangle is empty or not inside of the canvas, or the canvas is an unusable shape.
    package init(canvas: ImageShape, top: Int, left: Int, height: Int, width: Int) throws(OperatorError) {
        imageShape = try canvas.requireUsable()
        guard height >= 1, width >= 1, height <= canvas.height, width <= canvas.width,
            top >= 0, left >= 0, top <= canvas.height - height, left <= canvas.width - width
        else {
            throw OperatorError.outOfRange(
                parameter: "the rectangle to crop", value: "\(height)x\(width) at row \(top), column \(left)",
                allowed: "a part of the canvas of \(canvas.height)x\(canvas.width)")
        }
        self.top = top
        self.left = left
        measurementShape = ImageShape(channels: canvas.channels, height: height, width: width)
    }

    /// The crop to `shape` from the smallest canvas whose height and width are multiples of `multiple`, or from one that is a little larger, where that has a
    /// length for which Fourier transforms are slow.
    ///
    /// The surplus is shared evenly by opposite sides, so that the prior sees some context on each; where it is odd, the
    /// bottom (right) gets the one row (column) more.
    ///
    /// - Throws: `OperatorError` when `multiple` is below 1, or `shape` or the canvas is unusable.
    package static func padding(_ shape: ImageShape, toMultipleOf multiple: Int) throws(OperatorError) -> Cropping {
        let shape = try shape.requireUsable()
        guard multiple >= 1, multiple <= Int32.max else {
            throw OperatorError.outOfRange(
                parameter: "the multiple to pad to", value: "\(multiple)", allowed: "from 1 to \(Int32.max)")
        }
        let canvas = ImageShape(
            channels: shape.channels,
            height: FourierTransform.convenientSize(atLeast: shape.height, multipleOf: multiple),
            width: FourierTransform.convenientSize(atLeast: shape.width, multipleOf: multiple))
        return try Cropping(
            canvas: canvas, top: (canvas.height - shape.height) / 2, left: (canvas.width - shape.width) / 2,
            height: shape.height, width: shape.width)
    }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, channel: Int) {
        forEachRow(of: channel) { canvasStart, cropStart in
            (measurement + cropStart).update(from: image + canvasStart, count: measurementShape.width)
        }
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, channel: Int) {
        (image + channel * imageShape.pixels).update(repeating: 0, count: imageShape.pixels)
        forEachRow(of: channel) { canvasStart, cropStart in
            (image + canvasStart).update(from: measurement + cropStart, count: measurementShape.width)
        }
    }

    /// Calls `body` with the places where each row of the rectangle starts in the canvas and in the crop.
    private func forEachRow(of channel: Int, _ body: (_ canvasStart: Int, _ cropStart: Int) -> Void) {
        for row in 0 ..< measurementShape.height {
            body(
                (channel * imageShape.height + top + row) * imageShape.width + left,
                (channel * measurementShape.height + row) * measurementShape.width)
        }
    }
}

import KernelInterface

/// The mirror image, left for right: (A x)[c, i, j] = x[c, i, width - 1 - j]. It is its own adjoint and its own inverse.
package struct Mirroring: ChannelwiseOperator {
    package let imageShape: ImageShape
    package var measurementShape: ImageShape { imageShape }
    package var isNonnegative: Bool { true }

    /// - Throws: `OperatorError.unusableShape`.
    package init(imageShape: ImageShape) throws(OperatorError) {
        self.imageShape = try imageShape.requireUsable()
    }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, channel: Int) {
        let width = imageShape.width
        for row in channel * imageShape.height ..< (channel + 1) * imageShape.height {
            let (from, to) = (image + row * width, measurement + row * width)
            for column in 0 ..< width { to[column] = from[width - 1 - column] }
        }
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, channel: Int) {
        apply(measurement, into: image, channel: channel)
    }
}

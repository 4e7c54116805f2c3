import KernelInterface

/// The mirror image, left for right: (A x)[c, i, j] = x[c, i, width - 1 - j]. It is its own adjoint and its own inverse.
package struct Mirroring: RawForwardOperator {
    package let imageShape: ImageShape
    package var measurementShape: ImageShape { imageShape }
    package var isNonnegative: Bool { true }

    /// - Throws: `OperatorError.unusableShape`.
    package init(imageShape: ImageShape) throws(OperatorError) {
        self.imageShape = try imageShape.requireUsable()
    }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        let width = imageShape.width
        for row in 0 ..< imageShape.channels * imageShape.height {
            let (from, to) = (image + row * width, measurement + row * width)
            for column in 0 ..< width { to[column] = from[width - 1 - column] }
        }
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        apply(measurement, into: image)
    }
}

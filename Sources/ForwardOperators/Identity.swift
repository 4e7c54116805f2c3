import KernelInterface

/// A x = x: the operator of denoising.
package struct Identity: RawForwardOperator {
    package let imageShape: ImageShape
    package var measurementShape: ImageShape { imageShape }
    package var isNonnegative: Bool { true }

    /// - Throws: `OperatorError.unusableShape`.
    package init(imageShape: ImageShape) throws(OperatorError) {
        self.imageShape = try imageShape.requireUsable()
    }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        measurement.update(from: image, count: imageShape.count)
    }

    /// A'A = I.
    package func applyNormal(
        _ image: UnsafeMutablePointer<Float>, throughMeasurement measurement: UnsafeMutablePointer<Float>, _ parallelism: Parallelism
    ) {}

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        image.update(from: measurement, count: imageShape.count)
    }
}

import KernelInterface

/// A x = x: the operator of denoising.
public struct Identity: ForwardOperator {
    public let imageShape: ImageShape
    public var measurementShape: ImageShape { imageShape }
    public var isNonnegative: Bool { true }

    /// - Throws: `OperatorError.unusableShape`.
    public init(imageShape: ImageShape) throws {
        self.imageShape = try imageShape.requireUsable()
    }

    public func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        measurement.update(from: image, count: imageShape.count)
    }

    public func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        image.update(from: measurement, count: imageShape.count)
    }
}

import ForwardOperators
import KernelInterface

/// A = 0.
struct BlindOperator: RawForwardOperator {
    let imageShape: ImageShape
    var measurementShape: ImageShape { imageShape }
    var isNonnegative: Bool { true }

    func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        measurement.update(repeating: 0, count: imageShape.count)
    }

    func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        image.update(repeating: 0, count: imageShape.count)
    }
}

import ForwardOperators
import KernelInterface
import TestSupport

/// y = A x for a `ReferenceMatrix`, from images of `imageShape`.
struct MatrixOperator: RawForwardOperator {
    let matrix: ReferenceMatrix
    let imageShape: ImageShape
    var measurementShape: ImageShape { ImageShape(channels: 1, height: 1, width: matrix.rows) }
    var isNonnegative: Bool { matrix.values.allSatisfy { $0 >= 0 } }

    func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        let y = matrix * (0 ..< matrix.columns).map { Double(image[$0]) }
        for (index, value) in y.enumerated() { measurement[index] = Float(value) }
    }

    func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        let x = matrix.transposed * (0 ..< matrix.rows).map { Double(measurement[$0]) }
        for (index, value) in x.enumerated() { image[index] = Float(value) }
    }
}

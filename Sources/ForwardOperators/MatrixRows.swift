import KernelInterface

/// The rows of the matrix of an operator that has it in memory: row i is the image A' e_i.
///
/// With them a solver can multiply many rows at once, where `apply` and `adjoint` would read the whole matrix for each.
package final class MatrixRows: Sendable {
    package let count: Int
    package let imageShape: ImageShape
    private let write: @Sendable (_ row: Int, UnsafeMutablePointer<Float>) -> Void

    /// - Parameter write: writes a row, `imageShape.count` numbers. It may be called on many threads at once.
    package init(count: Int, imageShape: ImageShape, write: @escaping @Sendable (_ row: Int, UnsafeMutablePointer<Float>) -> Void) {
        self.count = count
        self.imageShape = imageShape
        self.write = write
    }

    /// image = A' e_row.
    package func write(_ row: Int, into image: UnsafeMutablePointer<Float>) { write(row, image) }

    /// The rows of A inner, which are the images of the rows of A under the adjoint of the inner operator.
    func after(_ inner: any ForwardOperator) -> MatrixRows {
        let between = ScratchPool { [imageShape] in AlignedBuffer<Float>(count: imageShape.count) }
        return MatrixRows(count: count, imageShape: inner.imageShape) { row, image in
            between.borrow { between in
                self.write(row, into: between.base)
                inner.adjoint(between.base, into: image)
            }
        }
    }
}

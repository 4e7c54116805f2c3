import KernelInterface

/// A linear map A from images to measurements, y = A x, with its adjoint A'.
///
/// An image is planar with `imageShape`, a measurement planar with `measurementShape`; a measurement that is no image, a
/// vector of M numbers, has the shape 1 x 1 x M.
///
/// Contract of every operator:
/// - <A x, y> = <x, A' y> up to the rounding of single precision. Both maps are linear: there is no offset and no clipping.
/// - One instance may be used by many threads at once.
/// - The result is the same to the last bit in every call, whatever other threads do and however many there are.
/// - The pointer calls read and write whole arrays of `imageShape.count` and `measurementShape.count` numbers, which must not
///   overlap. They allocate nothing once as many calls have run at the same time as ever will.
public protocol ForwardOperator: Sendable {
    /// Channels, height and width of x.
    var imageShape: ImageShape { get }
    /// Channels, height and width of y.
    var measurementShape: ImageShape { get }

    /// Whether no entry of the matrix of A is negative, so that A' 1 says how strongly each pixel is observed.
    var isNonnegative: Bool { get }

    /// y = A x.
    func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>)

    /// x = A' y.
    func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>)

    /// Sets to 0 the entries of a measurement that A removes (their rows of A are 0), such as the missing pixels of a mask.
    ///
    /// The default is for operators that remove nothing.
    func eraseUnmeasured(_ measurement: UnsafeMutablePointer<Float>)
}

/// An operator that has its matrix in memory, or is made of one that has: then a solver can factorize.
package protocol MatrixBackedOperator: ForwardOperator {
    /// Nil where no matrix is in memory. Two operators with the same object have the same matrix.
    var rows: MatrixRows? { get }
}

extension ForwardOperator {
    public func eraseUnmeasured(_ measurement: UnsafeMutablePointer<Float>) {}

    /// A x as a new array.
    ///
    /// - Throws: `OperatorError.wrongCount` when the image has not `imageShape.count` numbers.
    public func apply(_ image: [Float]) throws -> [Float] {
        try OperatorError.requireCount(image.count, imageShape.count, of: "image")
        return [Float](count: measurementShape.count) { measurement in
            image.withUnsafeBufferPointer { image in
                guard let image = image.baseAddress else { return }
                apply(image, into: measurement)
            }
        }
    }

    /// A' y as a new array.
    ///
    /// - Throws: `OperatorError.wrongCount` when the measurement has not `measurementShape.count` numbers.
    public func adjoint(_ measurement: [Float]) throws -> [Float] {
        try OperatorError.requireCount(measurement.count, measurementShape.count, of: "measurement")
        return [Float](count: imageShape.count) { image in
            measurement.withUnsafeBufferPointer { measurement in
                guard let measurement = measurement.baseAddress else { return }
                adjoint(measurement, into: image)
            }
        }
    }
}

extension [Float] {
    /// `count` numbers, at least one, all of them written by `body`.
    init(count: Int, writtenBy body: (UnsafeMutablePointer<Float>) -> Void) {
        self.init(unsafeUninitializedCapacity: count) { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            base.initialize(repeating: 0, count: count)
            body(base)
            initialized = count
        }
    }
}

import KernelInterface

/// A linear map A from images to measurements, y = A x, with its adjoint A'.
///
/// An image is planar with `imageShape`, a measurement planar with `measurementShape`; a measurement that is no image, a
/// vector of M numbers, has the shape 1 x 1 x M.
///
/// Contract of every operator:
/// - <A x, y> = <x, A' y> up to the rounding of single precision. Both maps are linear: there is no offset and no clipping.
/// - One instance may be used by many threads at once, unless it `staysOnCallingThread`.
/// - The result is the same to the last bit in every call, whatever other threads do and however many there are.
/// - A call is given spans of exactly `imageShape.count` and `measurementShape.count` numbers, which do not overlap, and writes every number of
///   its result: what stood there before is anything.
public protocol ForwardOperator: Sendable {
    /// Channels, height and width of x.
    var imageShape: ImageShape { get }
    /// Channels, height and width of y.
    var measurementShape: ImageShape { get }

    /// Whether no entry of the matrix of A is negative, so that A' 1 says how strongly each pixel is observed.
    var isNonnegative: Bool { get }

    /// Whether the thread alone calls the maps that called the solver, image by image, and not several at once. False unless an operator says
    /// otherwise.
    var staysOnCallingThread: Bool { get }

    /// Computes y = A x.
    func apply(_ image: Span<Float>, into measurement: inout MutableSpan<Float>)

    /// Computes x = A' y.
    func adjoint(_ measurement: Span<Float>, into image: inout MutableSpan<Float>)

    /// Sets to 0 the entries of a measurement that A removes (their rows of A are 0), such as the missing pixels of a mask.
    ///
    /// The default is for operators that remove nothing.
    func eraseUnmeasured(_ measurement: inout MutableSpan<Float>)
}

/// An operator that has its matrix in memory, or is made of one that has: then a solver can factorize.
package protocol MatrixBackedOperator: RawForwardOperator {
    /// This is nil where no matrix is in memory. Two operators with the same object have the same matrix.
    var rows: MatrixRows? { get }
}

extension ForwardOperator {
    /// Any thread may call it.
    public var staysOnCallingThread: Bool { false }

    /// Removes nothing.
    public func eraseUnmeasured(_ measurement: inout MutableSpan<Float>) {}

    /// Returns A x as a new array.
    ///
    /// - Throws: `OperatorError.wrongCount` when the image has not `imageShape.count` numbers.
    public func apply(_ image: [Float]) throws(OperatorError) -> [Float] {
        try OperatorError.requireCount(image.count, imageShape.count, of: "image")
        var measurement = [Float](repeating: 0, count: measurementShape.count)
        var span = measurement.mutableSpan
        apply(image.span, into: &span)
        return measurement
    }

    /// Returns A' y as a new array.
    ///
    /// - Throws: `OperatorError.wrongCount` when the measurement has not `measurementShape.count` numbers.
    public func adjoint(_ measurement: [Float]) throws(OperatorError) -> [Float] {
        try OperatorError.requireCount(measurement.count, measurementShape.count, of: "measurement")
        var image = [Float](repeating: 0, count: imageShape.count)
        var span = image.mutableSpan
        adjoint(measurement.span, into: &span)
        return image
    }
}

import CFFTW
import KernelInterface

/// Convolution of each channel with a point spread p:
///
///     (A x)[c, i, j] = sum over a, b of p[a, b] * x[c, i - (a - ca), j - (b - cb)],    (ca, cb) the centre of p
///
/// where `border` says what x is outside of the image. As in mathematics, p is flipped against x. The measurement has the image's
/// size, i and j are those of its pixels; with an unknown border only those i and j are measured for which the sum reads nothing
/// outside of the image.
///
/// A = R C E: E writes the image into a canvas and extends it by the reach of p, C is a circular convolution on the canvas,
/// done by FFTW, and R reads the place of the measurement. A' = E' C' R': C' multiplies with the conjugate spectrum, E' adds each
/// repeated pixel to the pixel that it repeats. With a periodic border the canvas is the image and E = R = 1.
///
/// The rounding error is relative to the largest values of the channel, not to each pixel: about 1e-7 of them.
package struct Blur: ChannelwiseOperator {
    /// Channels, height and width of x; with an unknown border those of the scene.
    package let imageShape: ImageShape
    /// p, as it was given.
    package let pointSpread: PointSpread
    /// What lies beyond the edges of x.
    package let border: Border
    /// Channels, height and width of y: those of x, or with an unknown border less by one less than the point spread has rows and columns.
    package let measurementShape: ImageShape
    /// Whether no entry of p is negative.
    package let isNonnegative: Bool

    private let rows: CanvasAxis
    private let columns: CanvasAxis
    private let transform: FourierTransform

    /// Fourier transform of p with its centre at the origin, divided by the size of the canvas.
    private let spectrum: AlignedBuffer<fftwf_complex>
    private let scratch: ScratchPool<Canvas>

    /// - Throws: `OperatorError` when the point spread has more rows or columns than the image, the shape is unusable, or the
    ///   canvas is too large for FFTW.
    package init(imageShape: ImageShape, pointSpread: PointSpread, border: Border = .periodic) throws {
        self.imageShape = try imageShape.requireUsable()
        guard pointSpread.height <= imageShape.height, pointSpread.width <= imageShape.width else {
            throw OperatorError.pointSpreadExceedsImage(
                height: pointSpread.height, width: pointSpread.width, image: imageShape)
        }
        self.pointSpread = pointSpread
        self.border = border
        isNonnegative = pointSpread.values.allSatisfy { $0 >= 0 }
        rows = CanvasAxis(length: imageShape.height, extent: pointSpread.height, border: border)
        columns = CanvasAxis(length: imageShape.width, extent: pointSpread.width, border: border)
        measurementShape = ImageShape(
            channels: imageShape.channels, height: rows.measured.count, width: columns.measured.count)
        let transform = try FourierTransform.of(height: rows.size, width: columns.size)
        self.transform = transform
        spectrum = Blur.spectrum(of: pointSpread, by: transform)
        scratch = ScratchPool { Canvas(transform) }
    }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, channel: Int) {
        scratch.borrow { canvas in
            canvas.write(image + channel * imageShape.pixels, rows.image, columns.image)
            extend(canvas)
            canvas.convolve(with: spectrum, by: transform)
            canvas.read(rows.measured, columns.measured, into: measurement + channel * measurementShape.pixels)
        }
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, channel: Int) {
        scratch.borrow { canvas in
            canvas.write(measurement + channel * measurementShape.pixels, rows.measured, columns.measured)
            canvas.correlate(with: spectrum, by: transform)
            fold(canvas)
            canvas.read(rows.image, columns.image, into: image + channel * imageShape.pixels)
        }
    }

    /// Continues the image's rows to the left and right, then all of the canvas's rows up and down.
    private func extend(_ canvas: Canvas) {
        let values = canvas.real.base
        for row in rows.image {
            let line = values + row * columns.size
            for (position, source) in columns.repeats { line[position] = line[source] }
        }
        for (position, source) in rows.repeats {
            (values + position * columns.size).update(from: values + source * columns.size, count: columns.size)
        }
    }

    /// Transpose of `extend`: where that copied a value from `source`, this adds to `source`, in the opposite order.
    private func fold(_ canvas: Canvas) {
        let values = canvas.real.base
        for (position, source) in rows.repeats {
            let repeated = values + position * columns.size
            let line = values + source * columns.size
            for column in 0 ..< columns.size { line[column] += repeated[column] }
        }
        for row in rows.image {
            let line = values + row * columns.size
            for (position, source) in columns.repeats { line[source] += line[position] }
        }
    }

    private static func spectrum(
        of pointSpread: PointSpread, by transform: FourierTransform
    ) -> AlignedBuffer<fftwf_complex> {
        let canvas = Canvas(transform)
        let scale = 1 / Float(transform.realCount)
        for row in 0 ..< pointSpread.height {
            for column in 0 ..< pointSpread.width {
                let canvasRow = (row - pointSpread.height / 2 + transform.height) % transform.height
                let canvasColumn = (column - pointSpread.width / 2 + transform.width) % transform.width
                canvas.real.base[canvasRow * transform.width + canvasColumn] =
                    pointSpread.values[row * pointSpread.width + column] * scale
            }
        }
        transform.forward(canvas.real, into: canvas.spectrum)
        return canvas.spectrum
    }
}

/// One channel on the canvas and its spectrum: the scratch memory of one call.
private final class Canvas: Sendable {
    let real: AlignedBuffer<Float>
    let spectrum: AlignedBuffer<fftwf_complex>
    private let width: Int

    init(_ transform: FourierTransform) {
        real = AlignedBuffer(count: transform.realCount)
        spectrum = AlignedBuffer(count: (transform.spectrumCount + 3) / 4 * 4)
        width = transform.width
    }

    /// The plane in a rectangle, 0 elsewhere. Transpose of `read`.
    func write(_ plane: UnsafePointer<Float>, _ rows: Range<Int>, _ columns: Range<Int>) {
        if rows.count * columns.count == real.count { return real.base.update(from: plane, count: real.count) }
        real.base.update(repeating: 0, count: real.count)
        for (index, row) in rows.enumerated() {
            (real.base + row * width + columns.lowerBound).update(from: plane + index * columns.count, count: columns.count)
        }
    }

    func read(_ rows: Range<Int>, _ columns: Range<Int>, into plane: UnsafeMutablePointer<Float>) {
        if rows.count * columns.count == real.count { return plane.update(from: real.base, count: real.count) }
        for (index, row) in rows.enumerated() {
            (plane + index * columns.count).update(from: real.base + row * width + columns.lowerBound, count: columns.count)
        }
    }

    /// real = inverse(filter * forward(real)).
    func convolve(with filter: AlignedBuffer<fftwf_complex>, by transform: FourierTransform) {
        transform.forward(real, into: spectrum)
        multiply(by: filter, sign: 1)
        transform.inverse(spectrum, into: real)
    }

    /// Transpose of `convolve`: with the conjugate of the filter.
    func correlate(with filter: AlignedBuffer<fftwf_complex>, by transform: FourierTransform) {
        transform.forward(real, into: spectrum)
        multiply(by: filter, sign: -1)
        transform.inverse(spectrum, into: real)
    }

    /// (a + ib)(c + is d), four numbers at a time: both spectra are whole vectors long.
    private func multiply(by filter: AlignedBuffer<fftwf_complex>, sign: Float) {
        let numbers = UnsafeMutableRawPointer(spectrum.base)
        let factors = UnsafeRawPointer(filter.base)
        for offset in stride(from: 0, to: spectrum.bytes, by: MemoryLayout<SIMD8<Float>>.size) {
            var number = numbers.load(fromByteOffset: offset, as: SIMD8<Float>.self)
            let factor = factors.load(fromByteOffset: offset, as: SIMD8<Float>.self)
            let (a, b, c, d) = (number.evenHalf, number.oddHalf, factor.evenHalf, sign * factor.oddHalf)
            number.evenHalf = a * c - b * d
            number.oddHalf = a * d + b * c
            numbers.storeBytes(of: number, toByteOffset: offset, as: SIMD8<Float>.self)
        }
    }
}

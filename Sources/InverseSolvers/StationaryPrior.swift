import ForwardOperators
import GlowModel
import KernelInterface

/// The prior, seen from afar: a Gaussian of images around a mean, the same at every pixel.
///
///     |f(x)|^2 ~ (x - mean)' Q (x - mean) + constant,    mean = g(0),    Q = the circulant matrix nearest to E[J_f' J_f]
///
/// with the expectation over images g(z), z ~ N(0, I), those of the prior itself. Where the entries of w are signs, each as likely, the vectors
/// J_f' w have covariance J_f' J_f; Q is the mean of their spectra over some samples and neighbouring frequencies (T. Chan, "An optimal circulant
/// preconditioner for Toeplitz systems", 1988, gives the nearest circulant matrix as this mean). It says how much dearer fine
/// detail is to the prior than slow gradients, and one colour than another, which is most of what makes the objective badly
/// conditioned in x.
///
/// It depends on the flow and the image shape alone. Tamer and wilder samples are worse: docs/measurements.md.
package final class StationaryPrior {
    /// Most frequencies to each side that the mean is over, in an eighth of all: 13 x 13 of them.
    private static let reach = 6
    /// Frequencies in the mean for which one sample will do; smaller images get a second.
    private static let manyFrequencies = 100
    /// Added to the diagonal of Q, as a part of its mean: where the mean is over few frequencies a block may be singular.
    private static let ridge: Float = 1e-4

    package let imageShape: ImageShape
    /// g(0)
    let mean: [Float]
    /// Q
    let precision: CirculantMatrix

    /// Passes of the flow that it took.
    let passes: Int

    /// - Throws: what the flow throws for a shape that it does not take, `OperatorError` when FFTW has no plan for it.
    package init<Flow: NormalizingFlow>(_ flow: Flow, imageShape: ImageShape, parallelism: Parallelism) throws {
        self.imageShape = imageShape
        let n = imageShape.count
        let point = try flow.makeLinearization(imageShape: imageShape, capacity: 1, parallelism: parallelism)
        var image = [Float](repeating: 0, count: n)
        flow.inverse([Float](repeating: 0, count: n), count: 1, recording: point, into: &image)
        mean = image

        let reach = (down: min(Self.reach, imageShape.height / 8), across: min(Self.reach, imageShape.width / 8))
        let samples = (2 * reach.down + 1) * (2 * reach.across + 1) < Self.manyFrequencies ? 2 : 1
        let spectrum = try PlaneSpectrum(height: imageShape.height, width: imageShape.width)
        var sum = CirculantMatrix(channels: imageShape.channels, frequencies: spectrum.frequencies)
        for sample in 0 ..< samples {
            var generator = SeededGenerator(seed: 0, stream: .stationaryPrior, index: UInt64(sample))
            let latent = (0 ..< n).map { _ in Float(generator.nextNormal()) }
            let probe = generator.nextSigns(n)
            flow.inverse(latent, count: 1, recording: point, into: &image)
            flow.forwardVJP(at: point, cotangent: probe, logDeterminantWeight: 0, into: &image)
            sum.addOuterProduct(spectrum.ofChannels(of: image), scale: 1 / Float(imageShape.pixels * samples))
        }
        passes = 1 + 2 * samples
        let smooth = sum.smoothed(
            rowFrequencies: spectrum.rowFrequencies, width: imageShape.width, down: reach.down, across: reach.across, parallelism)
        let ridge = Self.ridge * smooth.meanDiagonal
        precision = smooth.scaled(by: 1, plus: [Float](repeating: ridge, count: smooth.frequencies))
    }

    init(imageShape: ImageShape, mean: [Float], precision: CirculantMatrix, passes: Int) {
        (self.imageShape, self.mean, self.precision, self.passes) = (imageShape, mean, precision, passes)
    }

    /// Whether all of it is finite, so that it can be used: it is not where a flow gives NaN at ordinary images.
    var isFinite: Bool {
        mean.allSatisfy { $0.isFinite } && precision.blocks.allSatisfy { $0.squaredMagnitude.isFinite }
    }
}

extension CirculantMatrix {
    /// B[k] += scale * v[k] v[k]^H, with v[i][k] for channel i.
    mutating func addOuterProduct(_ v: [[Complex]], scale: Float) {
        for k in 0 ..< frequencies {
            for i in 0 ..< channels {
                for j in 0 ..< channels {
                    blocks[(k * channels + i) * channels + j].addProduct(v[i][k] * scale, v[j][k].conjugate)
                }
            }
        }
    }

    /// The mean over all frequencies and channels of the diagonal.
    var meanDiagonal: Float {
        var sum = 0.0
        for k in 0 ..< frequencies {
            for i in 0 ..< channels { sum += Double(blocks[(k * channels + i) * channels + i].real) }
        }
        return Float(sum / Double(frequencies * channels))
    }

    /// The mean of each block with those of `down` frequencies above and below and `across` to the left and right. The spectrum goes on
    /// periodically, and at -k is conjugate to that at k.
    ///
    /// - Parameter parallelism: who shares the rows.
    func smoothed(rowFrequencies: Int, width: Int, down: Int, across: Int, _ parallelism: Parallelism) -> CirculantMatrix {
        let rows = frequencies / rowFrequencies
        let row = rowFrequencies * channels * channels
        let alongRows = mapRows(row, parallelism) { [blocks, size = channels * channels] number, result in
            // The row with what comes before and after it.
            let mirrored = (rows - number) % rows
            var extended = [Complex](repeating: Complex(0, 0), count: (rowFrequencies + 2 * across) * size)
            for column in -across ..< rowFrequencies + across {
                let wrapped = (column + width) % width
                let isThere = wrapped < rowFrequencies
                let source = isThere ? (number * rowFrequencies + wrapped) * size : (mirrored * rowFrequencies + width - wrapped) * size
                for entry in 0 ..< size {
                    let block = blocks[source + entry]
                    extended[(column + across) * size + entry] = isThere ? block : block.conjugate
                }
            }
            let scale = 1 / Float(2 * across + 1)
            for offset in 0 ... 2 * across {
                for index in 0 ..< row { result[index] = result[index] + extended[offset * size + index] }
            }
            for index in 0 ..< row { result[index] = result[index] * scale }
        }
        return alongRows.mapRows(row, parallelism) { [blocks = alongRows.blocks] number, result in
            let scale = 1 / Float(2 * down + 1)
            for offset in -down ... down {
                let source = (number + offset + rows) % rows * row
                for index in 0 ..< row { result[index] = result[index] + blocks[source + index] }
            }
            for index in 0 ..< row { result[index] = result[index] * scale }
        }
    }

    /// A matrix whose rows of frequencies, `row` numbers each, `body(number, result)` makes out of zeros.
    private func mapRows(
        _ row: Int, _ parallelism: Parallelism, _ body: (_ number: Int, _ result: UnsafeMutableBufferPointer<Complex>) -> Void
    ) -> CirculantMatrix {
        var result = CirculantMatrix(channels: channels, frequencies: frequencies)
        result.blocks.withUnsafeMutableBufferPointer { blocks in
            parallelism.forEach(blocks.count / row, .initialPoint) { number, _ in
                body(number, UnsafeMutableBufferPointer(rebasing: blocks[number * row ..< (number + 1) * row]))
            }
        }
        return result
    }
}

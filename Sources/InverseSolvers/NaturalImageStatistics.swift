import ForwardOperators
import KernelInterface

extension StationaryPrior {
    /// What photographs have in common before any of them is known: a power spectrum that falls with the square of the frequency (D. J. Field,
    /// "Relations between the statistics of natural images and the response properties of cortical cells", 1987), and channels that go
    /// together. The mean is 0, the middle of the model's range.
    ///
    /// - Throws: `OperatorError` when FFTW has no plan for the size.
    convenience init(ofNaturalImages imageShape: ImageShape) throws {
        let spectrum = try PlaneSpectrum(height: imageShape.height, width: imageShape.width)
        let columns = spectrum.rowFrequencies
        // Cycles for each pixel, squared. The square of one cycle in 256 pixels keeps the mean of a picture within bounds.
        let least = 1 / (256.0 * 256)
        func squaredFrequency(_ k: Int) -> Double {
            let (row, column) = (k / columns, k % columns)
            let down = Double(min(row, imageShape.height - row)) / Double(imageShape.height)
            let across = Double(column) / Double(imageShape.width)
            return down * down + across * across + least
        }
        let densities = (0 ..< spectrum.frequencies).map { 1 / squaredFrequency($0) }
        let scale = NaturalImages.variance / (densities.reduce(0, +) / Double(max(1, densities.count)))
        // The inverse of (1 - r) I + r 11'.
        let (channels, r) = (imageShape.channels, imageShape.channels > 1 ? NaturalImages.correlation : 0)
        let common = -r / ((1 - r) * (1 + (Double(channels) - 1) * r))
        var precision = CirculantMatrix(channels: channels, frequencies: spectrum.frequencies)
        for k in 0 ..< spectrum.frequencies {
            let inverse = 1 / (scale * densities[k])
            for i in 0 ..< channels {
                for j in 0 ..< channels {
                    precision.blocks[(k * channels + i) * channels + j] =
                        Complex(Float(inverse * (common + (i == j ? 1 / (1 - r) : 0))), 0)
                }
            }
        }
        self.init(imageShape: imageShape, mean: [Float](repeating: 0, count: imageShape.count), precision: precision, passes: 0)
    }

    private enum NaturalImages {
        /// Of the pixels of a channel.
        static var variance: Double { 0.06 }
        /// Between two channels.
        static var correlation: Double { 0.9 }
    }
}

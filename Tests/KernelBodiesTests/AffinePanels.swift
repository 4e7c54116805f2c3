import KernelDispatch
import KernelInterface
import TestSupport

/// The panels of one affine coupling of `channels` channels, all of random numbers but those that a map only writes.
final class AffinePanels {
    let table: KernelTable
    let channels: Int
    let pixels: Int
    let transformed: GuardedPanel<Float>
    /// t, then r.
    let network: GuardedPanel<Float>
    let scale, slope, logScale: GuardedPanel<Float>

    /// - Parameters:
    ///   - isPoint: whether this is for a value map, which writes the records, or for a Jacobian product, which reads them.
    ///   - logits: values of r, row by row.
    init(
        _ set: InstructionSet, channels: Int = 3, vectors: Int, isPoint: Bool, seed: UInt64, logits: [Float]? = nil
    ) {
        table = set.table
        self.channels = channels
        let pixels = vectors * table.lanes
        self.pixels = pixels
        let numbers = signedNumbers(3 * channels * pixels, seed: seed)
        transformed = GuardedPanel(channels, pixels) { 3 * numbers[$0 * pixels + $1] }
        network = GuardedPanel(2 * channels, pixels) { row, pixel in
            if let logits, row >= channels { return logits[(row - channels) * pixels + pixel] }
            return 4 * numbers[(channels + row) * pixels + pixel]
        }
        let records = signedNumbers(2 * channels * pixels, seed: seed + 1)
        // A scale is in (0, 1); a slope has either sign.
        scale =
            isPoint
            ? GuardedPanel(channels, pixels)
            : GuardedPanel(channels, pixels) {
                0.5 + 0.45 * records[$0 * pixels + $1]
            }
        slope =
            isPoint
            ? GuardedPanel(channels, pixels)
            : GuardedPanel(channels, pixels) {
                records[(channels + $0) * pixels + $1]
            }
        logScale = GuardedPanel(channels, pixels)
    }

    /// Arguments from a pixel on.
    func arguments(from pixel: Int = 0, form: AffineForm = .standard, logDeterminantWeight: Float = 0) -> AffineCoupling {
        AffineCoupling(
            form: form, channels: channels, transformed: transformed.base + pixel, transformedStride: transformed.stride,
            network: network.base + pixel, networkStride: network.stride,
            scale: scale.base + pixel, slope: slope.base + pixel, recordStride: scale.stride,
            logScale: logScale.base + pixel, logScaleStride: logScale.stride, logDeterminantWeight: logDeterminantWeight)
    }

    /// The largest of `body` over all channels and pixels.
    func worst(_ body: (_ channel: Int, _ pixel: Int) -> Double) -> Double {
        var worst = 0.0
        for channel in 0 ..< channels {
            for pixel in 0 ..< pixels { worst = max(worst, body(channel, pixel)) }
        }
        return worst
    }

    /// Numbers written where the map may not write: outside the panels, or in one that it only reads.
    func changes(
        network isNetworkWritten: Bool, records areRecordsWritten: Bool, logScale isLogScaleWritten: Bool = false
    ) -> Int {
        func changes(_ panel: GuardedPanel<Float>, _ isWritten: Bool) -> Int {
            panel.changes(outsideRows: 0 ..< (isWritten ? panel.rows : 0), columns: 0 ..< panel.columns)
        }
        return changes(transformed, true) + changes(network, isNetworkWritten)
            + changes(scale, areRecordsWritten) + changes(slope, areRecordsWritten)
            + changes(logScale, isLogScaleWritten)
    }
}

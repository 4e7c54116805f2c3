import Measuring
import Reglow

/// The planes of one level of one image, for the kernels that look at the neighbours of a pixel.
final class NeighbourhoodPlanes {
    private let kernels: KernelTable
    /// Of the patches that `gather` makes.
    private let precision: Precision
    private let channels: Int
    private let side: Int
    private let vectors: Int
    /// Floats from plane to plane, and before the first and after the last.
    private let stride, margin: Int
    private let offsets: AlignedBuffer<Int>
    private let bits: AlignedBuffer<UInt8>
    /// (channels, pixels) and (9 channels, pixels).
    private let planes, taps: AlignedBuffer<Float>
    private let start: AlignedBuffer<Float>

    /// The planes that the network of this layer, a `first` one, reads.
    init(_ layer: Layer, precision: Precision, kernels: KernelTable) {
        self.kernels = kernels
        self.precision = precision
        channels = layer.depth / 9
        side = layer.side
        vectors = layer.vectors(lanes: kernels.lanes)
        stride = planeStride(vectors: vectors, lanes: kernels.lanes)
        margin = (side + 1 + 15) / 16 * 16
        offsets = AlignedBuffer(count: 9)
        bits = AlignedBuffer(count: 9 * stride / 8)
        planes = AlignedBuffer(count: channels * stride + 2 * margin)
        taps = AlignedBuffer(count: 9 * channels * stride + 2 * margin)
        start = AlignedBuffer(count: paddedToTile(channels))
        for tap in 0 ..< 9 {
            offsets.base[tap] = (tap / 3 - 1) * side + tap % 3 - 1
            for pixel in 0 ..< side * side where neighbour(of: pixel, tap: tap) != nil {
                bits.base[tap * stride / 8 + pixel / 8] |= 1 << UInt8(pixel % 8)
            }
        }
        for (index, number) in normalNumbers(planes.count, seed: 1).enumerated() { planes.base[index] = number }
        for (index, number) in normalNumbers(taps.count, seed: 2).enumerated() { taps.base[index] = number }
        for (channel, number) in normalNumbers(channels, seed: 3).enumerated() { start.base[channel] = number }
    }

    func gather() {
        let arguments = PatchGather(
            precision: precision, neighbourhood: neighbourhood, channels: channels, source: planes.base + margin, sourceStride: stride,
            output: taps.base + margin, outputStride: stride)
        kernels.gather(arguments, vectors)
    }

    func shiftAdd() {
        let arguments = ShiftAdd(
            neighbourhood: neighbourhood, channels: channels, taps: taps.base + margin, tapsStride: stride, start: start.base,
            weight: -1, accumulates: true, target: planes.base + margin, targetStride: stride)
        kernels.shiftAdd(arguments, vectors)
    }

    func checkGather() throws {
        gather()
        for row in 0 ..< 9 * channels {
            let source = planes.base + margin + row / 9 * stride
            let expected = (0 ..< side * side).map { pixel in
                neighbour(of: pixel, tap: row % 9).map { Double(source[$0]) } ?? 0
            }
            switch precision {
            case .fp32: try requireAgreement("patch row \(row)", plane(taps, row), expected, tolerance: 0)
            case .bf16:
                let halves = plane(taps, row / 2).map { pair in
                    BrainFloat.value(UInt16(truncatingIfNeeded: pair.bitPattern >> UInt32(16 * (row % 2))))
                }
                try requireAgreement("patch row \(row)", halves, expected, tolerance: BrainFloat.roundoff)
            }
        }
    }

    func checkShiftAdd() throws {
        let before = (0 ..< channels).map { plane(planes, $0).map(Double.init) }
        shiftAdd()
        for channel in 0 ..< channels {
            let expected = (0 ..< side * side).map { pixel in
                let sum = (0 ..< 9).reduce(Double(start.base[channel])) { sum, tap in
                    let source = taps.base + margin + (9 * channel + tap) * stride
                    return sum + (neighbour(of: pixel, tap: tap).map { Double(source[$0]) } ?? 0)
                }
                return before[channel][pixel] - sum
            }
            try requireAgreement("channel \(channel)", plane(planes, channel), expected, tolerance: 1e-6)
        }
    }

    private var neighbourhood: Neighbourhood {
        Neighbourhood(offsets: offsets.base, bits: bits.base, bitsStride: stride / 8)
    }

    private func plane(_ buffer: AlignedBuffer<Float>, _ row: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: buffer.base + margin + row * stride, count: side * side)
    }

    private func neighbour(of pixel: Int, tap: Int) -> Int? {
        let row = pixel / side + tap / 3 - 1
        let column = pixel % side + tap % 3 - 1
        guard (0 ..< side).contains(row), (0 ..< side).contains(column) else { return nil }
        return row * side + column
    }
}

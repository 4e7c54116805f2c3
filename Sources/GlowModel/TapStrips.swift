import KernelInterface

/// The tap planes of a level: what the third product of its networks gives, until it is added up.
///
/// They are nine times as large as what comes of them. Those of a large image would go to memory and come back; so its pixels are taken strip by strip,
/// in the order in which they lie, and a strip's taps are added up while the next strip's are made. Two strips are kept: they fit
/// the caches of the threads. The last pixels of a strip wait for their neighbours, and their taps are taken along to the next one.
///
/// A small image is one strip. What a pixel becomes does not depend on the strips.
package struct TapStrips {
    /// Vectors of a strip. It is a whole number of panels for each thread, but where the level is one strip.
    package let length: Int
    /// Vectors that wait at the end of a strip: a row and a pixel.
    package let waiting: Int
    /// Floats before a strip's first pixel, with the taps of those that waited and of their neighbours.
    package let front: Int
    /// Whether the level may have more pixels than a strip.
    package let isWhole: Bool
    private let planes: Int
    private let stride: Int
    private let guardCount: Int
    private let lanes: Int

    /// Bytes of a strip for each thread: two of them are in its second-level cache, with the weights.
    static let bytesPerThread = 384 << 10

    /// - Parameters:
    ///   - width: pixels of a row.
    ///   - vectors: most vectors of the level.
    ///   - planes: how many tap planes there are.
    package init(width: Int, vectors: Int, planes: Int, kernels: KernelTable, threads: Int) {
        lanes = kernels.lanes
        self.planes = planes
        waiting = (width + 1 + lanes - 1) / lanes
        let grain = kernels.vectorsPerPanel * max(1, threads)
        let fitting = max(1, threads) * Self.bytesPerThread / (4 * planes * lanes)
        // Taking taps along is to cost little beside making them.
        let strip = (max(fitting, 8 * waiting) + grain - 1) / grain * grain
        isWhole = vectors <= 2 * strip
        length = isWhole ? vectors : strip
        let line = PixelGrid.line
        front = ((isWhole ? 0 : waiting * lanes) + width + 1 + line - 1) / line * line
        stride = PixelGrid.stride(pixels: front + length * lanes)
        guardCount = (width + 1 + line) / line * line + line
    }

    /// Floats of the planes of a strip.
    private var count: Int { planes * stride + guardCount }

    /// Bytes of all planes.
    package var bytes: Int { (isWhole ? 1 : 2) * count * MemoryLayout<Float>.stride }

    /// How many strips so many vectors are.
    package func count(of vectors: Int) -> Int { (vectors + length - 1) / length }

    /// The vectors of a strip, of so many.
    package func vectors(of strip: Int, _ vectors: Int) -> Range<Int> { strip * length ..< min(vectors, (strip + 1) * length) }

    /// The vectors whose taps are there with those of a strip, and were not before.
    package func combined(with strip: Int, _ vectors: Int) -> Range<Int> {
        let isLast = (strip + 1) * length >= vectors
        return (strip == 0 ? 0 : strip * length - waiting) ..< (isLast ? vectors : (strip + 1) * length - waiting)
    }

    /// The memory of all planes, zeroed.
    package func makePlanes() -> TapPlanes { TapPlanes(self, buffers: (0 ..< (isWhole ? 1 : 2)).map { _ in AlignedBuffer(count: count) }) }

    /// The memory of the tap planes of a level.
    package struct TapPlanes {
        private let strips: TapStrips
        private let buffers: [AlignedBuffer<Float>]

        fileprivate init(_ strips: TapStrips, buffers: [AlignedBuffer<Float>]) {
            self.strips = strips
            self.buffers = buffers
        }

        /// The first plane of a strip, at pixel 0 of the level, and the floats from plane to plane. Only pixels of the strip and of the `front`
        /// before it may be looked for there.
        package func taps(of strip: Int) -> (base: UnsafeMutablePointer<Float>, stride: Int) {
            (buffers[strip % buffers.count].base + strips.front - strip * strips.length * strips.lanes, strips.stride)
        }

        /// Takes the last taps of a strip along to the next one, in some of the planes.
        package func takeAlong(from strip: Int, task: Int, of tasks: Int) {
            let (source, target) = (buffers[strip % buffers.count].base, buffers[(strip + 1) % buffers.count].base)
            let last = strips.length * strips.lanes
            for plane in task * strips.planes / tasks ..< (task + 1) * strips.planes / tasks {
                (target + plane * strips.stride).update(from: source + plane * strips.stride + last, count: strips.front)
            }
        }
    }
}

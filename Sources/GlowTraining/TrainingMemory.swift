import GlowModel
import KernelInterface

/// How a pass backward gets at what the pass forward computed.
package enum Recomputation: String, Sendable, CaseIterable {
    /// States and hidden layers of every step are kept.
    case stored
    /// Nothing but the latent is kept: each step's state is the inverse map of the next one's, and its network runs again.
    case inverted
}

/// The images of a batch in groups, the unit of work: a group's planes lie together, and no neighbour of a pixel is outside of it.
struct ImageGroups {
    let count: Int
    let imagesPerGroup: Int

    /// Groups of as few images as fill whole vectors and `leastPixels`, all of the same size; one group where there is no such size.
    init(images: Int, pixels: Int, lanes: Int, leastPixels: Int) {
        imagesPerGroup =
            (1 ... images).first {
                images % $0 == 0 && $0 * pixels % lanes == 0 && $0 * pixels >= leastPixels
            } ?? images
        count = images / imagesPerGroup
    }

    /// The groups cut into at most `limit` chunks in order: the same cut whatever the number of threads, since each chunk has its
    /// own sums.
    func chunks(limit: Int) -> [Range<Int>] {
        let chunks = min(limit, count)
        return (0 ..< chunks).map { $0 * count / chunks ..< ($0 + 1) * count / chunks }
    }
}

/// States, records and cotangents of one level, group by group.
final class TrainingLevel {
    let shape: FlowStepShape
    let steps: Int
    let groups: ImageGroups
    /// The pixels of one group.
    let grid: PixelGrid
    let tiles: PixelTiles
    let isAffine: Bool

    private let isStored: Bool
    private let planes: AlignedBuffer<Float>
    private let cotangentPlanes: AlignedBuffer<Float>
    /// (records, groups, 2, h, pixels): hidden layers after relu, panel by panel.
    private let hiddenLayers: AlignedBuffer<Float>
    private let reluBits: AlignedBuffer<UInt8>
    /// (records, groups, 2, C/2, pixels): scale and slope of affine coupling.
    private let scaleRecords: AlignedBuffer<Float>

    private let planeCount: Int
    private let layerWords: Int
    private let layerBytes: Int

    init(
        shape: FlowStepShape, steps: Int, height: Int, width: Int, images: Int, lanes: Int, panelPixels: Int,
        precision: Precision, isAffine: Bool, recomputation: Recomputation
    ) {
        self.shape = shape
        self.steps = steps
        self.isAffine = isAffine
        isStored = recomputation == .stored
        groups = ImageGroups(images: images, pixels: height * width, lanes: lanes, leastPixels: panelPixels)
        grid = PixelGrid(height: height, width: width, capacity: groups.imagesPerGroup, lanes: lanes)
        tiles = PixelTiles(
            vectors: grid.vectors(images: groups.imagesPerGroup), vectorsPerPanel: panelPixels / lanes, threads: 1)
        planeCount = paddedToTile(shape.channels) * grid.stride + 2 * grid.guardCount
        let hiddenRows = paddedToTile(shape.hidden)
        layerWords = (precision == .fp32 ? hiddenRows : hiddenRows / 2) * tiles.vectors * lanes
        layerBytes = hiddenRows * tiles.vectors * lanes / 8
        let records = isStored ? steps : 1
        planes = AlignedBuffer(count: (isStored ? steps + 1 : 2) * groups.count * planeCount)
        cotangentPlanes = AlignedBuffer(count: 2 * groups.count * planeCount)
        hiddenLayers = AlignedBuffer(count: records * groups.count * 2 * layerWords)
        reluBits = AlignedBuffer(count: records * groups.count * 2 * layerBytes)
        scaleRecords = AlignedBuffer(count: isAffine ? records * groups.count * shape.channels * grid.stride : 0)
    }

    /// Plane 0 of the state before step k, or after the last one.
    func state(_ k: Int, group: Int) -> UnsafeMutablePointer<Float> {
        planes.base + ((isStored ? k : k % 2) * groups.count + group) * planeCount + grid.guardCount
    }

    /// Plane 0 of the cotangent of the state before step k.
    func cotangent(_ k: Int, group: Int) -> UnsafeMutablePointer<Float> {
        cotangentPlanes.base + (k % 2 * groups.count + group) * planeCount + grid.guardCount
    }

    private func record(_ k: Int, group: Int) -> Int { (isStored ? k : 0) * groups.count + group }

    /// A hidden layer, 0 or 1, of step k. Panels lie one after the other: that of the pixels from p on begins at word
    /// `words per pixel * p`.
    func hidden(_ k: Int, group: Int, layer: Int) -> UnsafeMutablePointer<Float> {
        hiddenLayers.base + (2 * record(k, group: group) + layer) * layerWords
    }

    func bits(_ k: Int, group: Int, layer: Int) -> UnsafeMutablePointer<UInt8> {
        reluBits.base + (2 * record(k, group: group) + layer) * layerBytes
    }

    /// Returns where the scale of affine coupling begins; its slope follows C/2 planes later.
    func scale(_ k: Int, group: Int) -> UnsafeMutablePointer<Float> {
        scaleRecords.base + record(k, group: group) * shape.channels * grid.stride
    }

    /// The planes of one image among those of its group.
    func image(_ index: Int, in planes: (_ group: Int) -> UnsafeMutablePointer<Float>) -> Planes {
        let (group, place) = index.quotientAndRemainder(dividingBy: groups.imagesPerGroup)
        return Planes(
            base: planes(group) + place * grid.height * grid.width, channelStride: grid.stride, imageStride: 0,
            height: grid.height, width: grid.width)
    }

    var bytes: Int {
        planes.bytes + cotangentPlanes.bytes + hiddenLayers.bytes + reluBits.bytes + scaleRecords.bytes
    }

    /// Bytes that a level would take.
    static func bytes(
        shape: FlowStepShape, steps: Int, pixels: Double, precision: Precision, isAffine: Bool, recomputation: Recomputation
    ) -> Double {
        let isStored = recomputation == .stored
        let hidden = Double(2 * shape.hidden) * (precision == .fp32 ? 4 : 2)
        let record = hidden + Double(2 * shape.hidden) / 8 + (isAffine ? Double(4 * shape.channels) : 0)
        let state = Double(4 * paddedToTile(shape.channels))
        return pixels * ((isStored ? Double(steps) : 1) * record + Double(isStored ? steps + 3 : 4) * state)
    }
}

import GlowModel
import KernelInterface

/// One step on one group of images: the maps of its values. Its gradient follows in `GroupPass+Gradient`.
///
/// Before the step the group's state is x, after it x' = (a, b'); see `GlowMap`.
struct GroupPass {
    let kernels: KernelTable
    let level: TrainingLevel
    let step: FlowStep
    /// k
    let index: Int
    let group: Int
    let worker: TrainingWorker

    var grid: PixelGrid { level.grid }
    var before: UnsafeMutablePointer<Float> { level.state(index, group: group) }
    var after: UnsafeMutablePointer<Float> { level.state(index + 1, group: group) }

    /// x to x'; records the hidden layers and, for affine coupling, scale and slope.
    func forward() {
        let tile = tile(.forward)
        tile.mix(before, into: after, whole)
        forEachTile { tile.runNetwork(after, $0, memory($0)) }
        forEachTile { tile.combine(after, $0, memory($0)) }
    }

    /// x' to x, which leaves u where x' was; records what `forward` recorded.
    func recover() {
        let tile = tile(.inverse)
        forEachTile { tile.runNetwork(after, $0, memory($0)) }
        forEachTile { tile.combine(after, $0, memory($0)) }
        tile.mix(after, into: before, whole)
    }

    /// Sum of log s over the channels and pixels of one of the group's images; after `forward`, affine only.
    func logScaleSum(image: Int) -> Double {
        grid.sum(of: worker.logScale(grid), channels: level.shape.channels / 2, image: image)
    }

    func forEachTile(_ body: (_ vectors: Range<Int>) -> Void) {
        for tile in 0 ..< level.tiles.count { body(level.tiles[tile]) }
    }

    /// All pixels of the group as one tile, for what needs no panels.
    var whole: Range<Int> { 0 ..< level.tiles.vectors }

    func tile(_ map: GlowMap) -> CouplingTile {
        CouplingTile(kernels: kernels, step: step, map: map, grid: grid, logDeterminantWeight: -1)
    }

    /// The memory of a tile in a map of values or, where its panels are to hold cotangents, in `forwardVJP`.
    func memory(_ vectors: Range<Int>, holdsCotangents: Bool = false) -> TileMemory {
        let byte = paddedToTile(level.shape.hidden) * vectors.lowerBound * grid.lanes / 8
        let scale = level.scale(index, group: group)
        return TileMemory(
            patches: holdsCotangents ? worker.gathered.base : worker.patches.base,
            firstHidden: holdsCotangents ? worker.secondCotangent.base : hidden(0, vectors),
            secondHidden: holdsCotangents ? worker.firstCotangent.base : hidden(1, vectors), shifts: worker.shifts.base,
            panelStride: vectors.count * grid.lanes, firstBits: level.bits(index, group: group, layer: 0) + byte,
            secondBits: level.bits(index, group: group, layer: 1) + byte, bitsStride: vectors.count * grid.lanes / 8,
            taps: worker.taps(grid), tapsStride: grid.stride, network: worker.network(grid), scale: scale,
            slope: scale + level.shape.channels / 2 * grid.stride, logScale: worker.logScale(grid))
    }

    /// The tile's panel of a hidden layer.
    func hidden(_ layer: Int, _ vectors: Range<Int>) -> UnsafeMutablePointer<Float> {
        let rows = paddedToTile(level.shape.hidden)
        let words = (step.network.precision == .fp32 ? rows : rows / 2) * vectors.lowerBound * grid.lanes
        return level.hidden(index, group: group, layer: layer) + words
    }
}

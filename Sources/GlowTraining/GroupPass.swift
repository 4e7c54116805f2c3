import GlowModel
import KernelInterface

/// One step on one group of images: the maps of its values. Its gradient follows in `GroupPass+Gradient`.
///
/// Before the step the group's state is x, after it x' = (a, b'); with (a, b) the halves of u = M x + m,
///
///     additive   b' = b + net(a)        affine   b' = (b + t) s,  (t, r) = net(a),  s = sigmoid(r + 2)
struct GroupPass {
    let kernels: KernelTable
    let level: TrainingLevel
    let step: PackedStep
    /// k
    let index: Int
    let group: Int
    let worker: TrainingWorker

    var grid: PixelGrid { level.grid }
    var half: Int { level.shape.channels / 2 }
    var before: UnsafeMutablePointer<Float> { level.state(index, group: group) }
    var after: UnsafeMutablePointer<Float> { level.state(index + 1, group: group) }

    /// x to x'; records the hidden layers and, for affine coupling, scale and slope.
    func forward() {
        mix(step.mixing, start: step.mixingBias.base, from: before, to: after)
        runNetwork()
        forEachTile { vectors in combine(vectors, isInverse: false) }
    }

    /// x' to x, which leaves u where x' was; records what `forward` recorded.
    func recover() {
        runNetwork()
        forEachTile { vectors in combine(vectors, isInverse: true) }
        mix(step.unmixing, start: step.unmixingBias.base, from: after, to: before)
    }

    /// Sum of log s over the channels and pixels of one of the group's images, in a fixed order; after `forward`, affine only.
    func logScaleSum(image: Int) -> Double {
        let pixels = grid.height * grid.width
        var sum = 0.0
        for channel in 0 ..< half {
            let row = worker.logScale(grid) + channel * grid.stride + image * pixels
            for pixel in 0 ..< pixels { sum += Double(row[pixel]) }
        }
        return sum
    }

    func forEachTile(_ body: (_ vectors: Range<Int>) -> Void) {
        for tile in 0 ..< level.tiles.count { body(level.tiles[tile]) }
    }

    /// start + W planes, or W' planes.
    func mix(
        _ matrix: PackedMatrix, transposed: Bool = false, start: UnsafePointer<Float>,
        from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>
    ) {
        let product = PointwiseProduct(
            matrix, transposed: transposed, start: start, input: source, inputStride: grid.stride, output: target,
            outputStride: grid.stride)
        kernels.product(product, 0 ..< matrix.rowTiles, level.tiles.vectors)
    }

    /// Gathers the neighbourhoods of a tile into a panel; mirrored for cotangents.
    func gather(
        _ source: UnsafePointer<Float>, channels: Int, mirrored: Bool, _ vectors: Range<Int>, into panel: AlignedBuffer<Float>
    ) {
        let gather = PatchGather(
            precision: step.precision, neighbourhood: grid.neighbourhood(mirrored: mirrored, first: vectors.lowerBound),
            channels: channels, source: source + vectors.lowerBound * grid.lanes, sourceStride: grid.stride,
            output: panel.base, outputStride: vectors.count * grid.lanes)
        kernels.gather(gather, vectors.count)
    }

    /// One product of the network on a tile, from panel to panel, or to the tap planes where no `output` is given.
    func product(
        _ layer: PackedStep.Layer, _ epilogue: Epilogue, start: UnsafePointer<Float>, bitsLayer: Int = 0,
        _ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>? = nil, _ vectors: Range<Int>
    ) {
        let pixel = vectors.lowerBound * grid.lanes
        let pixels = vectors.count * grid.lanes
        let bits = level.bits(index, group: group, layer: bitsLayer) + paddedToTile(level.shape.hidden) * pixel / 8
        let product = PointwiseProduct(
            layer.matrix, transposed: layer.transposed, start: start, epilogue: epilogue, bits: bits, bitsStride: pixels / 8,
            input: input, inputStride: pixels, output: output ?? worker.taps(grid) + pixel,
            outputStride: output == nil ? grid.stride : pixels)
        kernels.product(product, 0 ..< layer.rowTiles, vectors.count)
    }

    /// The tile's panel of a hidden layer.
    func hidden(_ layer: Int, _ vectors: Range<Int>) -> UnsafeMutablePointer<Float> {
        let rows = paddedToTile(level.shape.hidden)
        let words = (step.precision == .fp32 ? rows : rows / 2) * vectors.lowerBound * grid.lanes
        return level.hidden(index, group: group, layer: layer) + words
    }

    /// The network, from the first half of x' to tap planes.
    private func runNetwork() {
        let (first, second, third) = step.values
        forEachTile { vectors in
            gather(after, channels: half, mirrored: false, vectors, into: worker.patches)
            let (lower, upper) = (hidden(0, vectors), hidden(1, vectors))
            product(first, .rectify, start: step.firstBias.base, bitsLayer: 0, worker.patches.base, to: lower, vectors)
            product(second, .rectify, start: step.secondBias.base, bitsLayer: 1, lower, to: upper, vectors)
            product(third, .store, start: step.zeros.base, upper, vectors)
        }
    }

    /// b to b' or back, from the tap planes.
    private func combine(_ vectors: Range<Int>, isInverse: Bool) {
        let pixel = vectors.lowerBound * grid.lanes
        let transformed = after + half * grid.stride
        let sum = ShiftAdd(
            neighbourhood: grid.neighbourhood(mirrored: false, first: vectors.lowerBound), channels: level.shape.outputs,
            taps: worker.taps(grid) + pixel, tapsStride: grid.stride, start: step.thirdBias.base,
            weight: isInverse && !level.isAffine ? -1 : 1, accumulates: !level.isAffine,
            target: level.isAffine ? worker.shifts.base : transformed + pixel,
            targetStride: level.isAffine ? vectors.count * grid.lanes : grid.stride)
        kernels.shiftAdd(sum, vectors.count)
        guard level.isAffine else { return }
        let arguments = affine(
            transformed, network: worker.shifts.base, networkStride: vectors.count * grid.lanes, first: vectors.lowerBound)
        (isInverse ? kernels.affineInverse : kernels.affineForward)(arguments, vectors.count)
    }

    func affine(
        _ transformed: UnsafeMutablePointer<Float>, network: UnsafeMutablePointer<Float>, networkStride: Int, first: Int
    ) -> AffineCoupling {
        let pixel = first * grid.lanes
        let scale = level.scale(index, group: group) + pixel
        return AffineCoupling(
            channels: half, transformed: transformed + pixel, transformedStride: grid.stride, network: network,
            networkStride: networkStride, scale: scale, slope: scale + half * grid.stride, recordStride: grid.stride,
            logScale: worker.logScale(grid) + pixel, logScaleStride: grid.stride, logDeterminantWeight: -1)
    }
}

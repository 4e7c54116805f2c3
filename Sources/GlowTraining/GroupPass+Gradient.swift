import GlowModel
import KernelInterface

extension GroupPass {
    /// The cotangent of x' to that of x, and what the group adds to the sums of the step.
    ///
    /// The loss is |z|^2 / 2 - log|det|. In the forward map h = W2 relu(W1 relu(W0 X0 + b0) + b1) with gathered patches X0; so
    /// now, with G the gathered cotangent of h, H1 and H2 the hidden layers, and sums over the pixels:
    ///
    ///     dH2 = mask(W2' G)      dW2 += G H2'
    ///     dH1 = mask(W1' dH2)    dW1 += H1 dH2'   (input, output)
    ///     da += scattered W0' dH1      dW0 += X0 dH1'   (input, output)
    ///     dM += du x'            dx = M' du
    func cotangent(sums: UnsafeMutablePointer<Float>, at places: StepSums) {
        let cotangent = level.cotangent(index + 1, group: group)
        let outer = OuterProducts(pass: self, sums: sums, places: places)
        var source = cotangent + half * grid.stride
        if level.isAffine {
            let arguments = affine(source, network: worker.network(grid), networkStride: grid.stride, first: 0)
            kernels.affineForwardVJP(arguments, level.tiles.vectors)
            source = worker.network(grid)
        }
        forEachTile { vectors in runNetworkBackward(source, vectors, outer) }
        forEachTile { vectors in
            let pixel = vectors.lowerBound * grid.lanes
            let sum = ShiftAdd(
                neighbourhood: grid.neighbourhood(mirrored: true, first: vectors.lowerBound), channels: half,
                taps: worker.taps(grid) + pixel, tapsStride: grid.stride, start: step.zeros.base, weight: 1, accumulates: true,
                target: cotangent + pixel, targetStride: grid.stride)
            kernels.shiftAdd(sum, vectors.count)
            outer.addMixing(cotangent: cotangent + pixel, state: before + pixel, vectors.count)
        }
        mix(
            step.mixing, transposed: true, start: step.zeros.base, from: cotangent,
            to: level.cotangent(index, group: group))
    }

    private func runNetworkBackward(_ source: UnsafePointer<Float>, _ vectors: Range<Int>, _ outer: OuterProducts) {
        let (third, second, first) = step.cotangents
        let zeros = UnsafePointer(step.zeros.base)
        let (upper, lower) = (worker.secondCotangent.base, worker.firstCotangent.base)
        gather(after, channels: half, mirrored: false, vectors, into: worker.patches)
        gather(source, channels: level.shape.outputs, mirrored: true, vectors, into: worker.gathered)
        product(third, .mask, start: zeros, bitsLayer: 1, worker.gathered.base, to: upper, vectors)
        product(second, .mask, start: zeros, bitsLayer: 0, upper, to: lower, vectors)
        product(first, .store, start: zeros, lower, vectors)
        outer.addNetwork(first: hidden(0, vectors), second: hidden(1, vectors), vectors.count)
    }
}

/// The sums over the pixels of a tile that make the gradients of the weights.
private struct OuterProducts {
    let pass: GroupPass
    let sums: UnsafeMutablePointer<Float>
    let places: StepSums

    private var worker: TrainingWorker { pass.worker }

    /// dW0, dW1, dW2 and the biases, from the worker's panels and these hidden layers.
    func addNetwork(first: UnsafePointer<Float>, second: UnsafePointer<Float>, _ vectors: Int) {
        turnIntoWeights(worker.patches.base, places.first, worker.turnedPatches, vectors)
        turnIntoWeights(first, places.second, worker.turnedFirst, vectors)
        turnIntoWeights(worker.gathered.base, places.third, worker.turnedGathered, sums: sums + places.thirdBias, vectors)
        turnIntoInput(worker.firstCotangent.base, worker.inputFirstCotangent, sums: sums + places.firstBias, vectors)
        turnIntoInput(worker.secondCotangent.base, worker.inputSecondCotangent, sums: sums + places.secondBias, vectors)
        turnIntoInput(second, worker.inputSecond, vectors)
        add(worker.turnedPatches, worker.inputFirstCotangent, to: places.first, vectors)
        add(worker.turnedFirst, worker.inputSecondCotangent, to: places.second, vectors)
        add(worker.turnedGathered, worker.inputSecond, to: places.third, vectors)
    }

    /// dM and dm, from planes of the cotangent of u and of x; float32 always.
    func addMixing(cotangent: UnsafePointer<Float>, state: UnsafePointer<Float>, _ vectors: Int) {
        let stride = pass.grid.stride
        turn(
            .fp32, cotangent, stride, places.mixing.rowTiles, worker.turnedState, isWeights: true,
            sums: sums + places.mixingBias, vectors)
        turn(
            .fp32, state, stride, places.mixing.rowTiles, worker.inputState, isWeights: false, vectors)
        add(.fp32, worker.turnedState, worker.inputState, to: places.mixing, vectors)
    }

    private func turnIntoWeights(
        _ panel: UnsafePointer<Float>, _ matrix: StepSums.Matrix, _ target: AlignedBuffer<Float>,
        sums: UnsafeMutablePointer<Float>? = nil, _ vectors: Int
    ) {
        let stride = vectors * pass.grid.lanes
        turn(pass.step.precision, panel, stride, matrix.rowTiles, target, isWeights: true, sums: sums, vectors)
    }

    private func turnIntoInput(
        _ panel: UnsafePointer<Float>, _ target: AlignedBuffer<Float>, sums: UnsafeMutablePointer<Float>? = nil, _ vectors: Int
    ) {
        let stride = vectors * pass.grid.lanes
        let tiles = paddedToTile(pass.level.shape.hidden) / PackedMatrix.edge
        turn(pass.step.precision, panel, stride, tiles, target, isWeights: false, sums: sums, vectors)
    }

    private func turn(
        _ precision: Precision, _ input: UnsafePointer<Float>, _ inputStride: Int, _ tiles: Int,
        _ target: AlignedBuffer<Float>, isWeights: Bool, sums: UnsafeMutablePointer<Float>? = nil,
        _ vectors: Int
    ) {
        let pixels = vectors * pass.grid.lanes
        let turn = PanelTurn(
            precision: precision, input: input, inputStride: inputStride, output: target.base,
            tileStride: isWeights ? PanelTurn.weightsTileStride(precision, pixels: pixels) : PackedMatrix.edge,
            pixelStride: isWeights ? PackedMatrix.edge : worker.inputStride, sums: sums)
        pass.kernels.turn(turn, tiles, vectors)
    }

    private func add(
        _ weights: AlignedBuffer<Float>, _ input: AlignedBuffer<Float>, to matrix: StepSums.Matrix, _ vectors: Int
    ) {
        add(pass.step.precision, weights, input, to: matrix, vectors)
    }

    private func add(
        _ precision: Precision, _ weights: AlignedBuffer<Float>, _ input: AlignedBuffer<Float>, to matrix: StepSums.Matrix,
        _ vectors: Int
    ) {
        let product = PointwiseProduct(
            precision: precision, pixels: vectors * pass.grid.lanes, turnedWeights: weights.base, turnedInput: input.base,
            inputStride: worker.inputStride, zeros: pass.step.zeros.base, sums: sums + matrix.start, sumsStride: matrix.stride)
        pass.kernels.product(product, 0 ..< matrix.rowTiles, matrix.stride / pass.grid.lanes)
    }
}

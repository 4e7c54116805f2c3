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
        let (values, tile) = (tile(.forward), tile(.forwardVJP))
        tile.enterNetwork(cotangent, whole, memory(whole, holdsCotangents: true))
        forEachTile { vectors in
            values.gather(after, vectors, memory(vectors))
            tile.runNetwork(cotangent, vectors, memory(vectors, holdsCotangents: true))
            outer.addNetwork(first: hidden(0, vectors), second: hidden(1, vectors), vectors.count)
        }
        forEachTile { vectors in
            tile.combine(cotangent, vectors, memory(vectors, holdsCotangents: true))
            let pixel = vectors.lowerBound * grid.lanes
            outer.addMixing(cotangent: cotangent + pixel, state: before + pixel, vectors.count)
        }
        tile.mix(cotangent, into: level.cotangent(index, group: group), whole)
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
        transposeIntoWeights(worker.patches.base, places.first, worker.transposedPatches, vectors)
        transposeIntoWeights(first, places.second, worker.transposedFirst, vectors)
        transposeIntoWeights(worker.gathered.base, places.third, worker.transposedGathered, sums: sums + places.thirdBias, vectors)
        transposeIntoInput(worker.firstCotangent.base, worker.inputFirstCotangent, sums: sums + places.firstBias, vectors)
        transposeIntoInput(worker.secondCotangent.base, worker.inputSecondCotangent, sums: sums + places.secondBias, vectors)
        transposeIntoInput(second, worker.inputSecond, vectors)
        add(worker.transposedPatches, worker.inputFirstCotangent, to: places.first, vectors)
        add(worker.transposedFirst, worker.inputSecondCotangent, to: places.second, vectors)
        add(worker.transposedGathered, worker.inputSecond, to: places.third, vectors)
    }

    /// dM and dm, from planes of the cotangent of u and of x; float32 always.
    func addMixing(cotangent: UnsafePointer<Float>, state: UnsafePointer<Float>, _ vectors: Int) {
        let stride = pass.grid.stride
        transpose(
            .fp32, cotangent, stride, places.mixing.rowTiles, worker.transposedState, isWeights: true,
            sums: sums + places.mixingBias, vectors)
        transpose(
            .fp32, state, stride, places.mixing.rowTiles, worker.inputState, isWeights: false, vectors)
        add(.fp32, worker.transposedState, worker.inputState, to: places.mixing, vectors)
    }

    private func transposeIntoWeights(
        _ panel: UnsafePointer<Float>, _ matrix: StepSums.Matrix, _ target: AlignedBuffer<Float>,
        sums: UnsafeMutablePointer<Float>? = nil, _ vectors: Int
    ) {
        let stride = vectors * pass.grid.lanes
        transpose(pass.step.network.precision, panel, stride, matrix.rowTiles, target, isWeights: true, sums: sums, vectors)
    }

    private func transposeIntoInput(
        _ panel: UnsafePointer<Float>, _ target: AlignedBuffer<Float>, sums: UnsafeMutablePointer<Float>? = nil, _ vectors: Int
    ) {
        let stride = vectors * pass.grid.lanes
        let tiles = paddedToTile(pass.level.shape.hidden) / PackedMatrix.edge
        transpose(pass.step.network.precision, panel, stride, tiles, target, isWeights: false, sums: sums, vectors)
    }

    private func transpose(
        _ precision: Precision, _ input: UnsafePointer<Float>, _ inputStride: Int, _ tiles: Int,
        _ target: AlignedBuffer<Float>, isWeights: Bool, sums: UnsafeMutablePointer<Float>? = nil,
        _ vectors: Int
    ) {
        let pixels = vectors * pass.grid.lanes
        let transpose = PanelTranspose(
            precision: precision, input: input, inputStride: inputStride, output: target.base,
            tileStride: isWeights ? PanelTranspose.weightsTileStride(precision, pixels: pixels) : PackedMatrix.edge,
            pixelStride: isWeights ? PackedMatrix.edge : worker.inputStride, sums: sums)
        pass.kernels.transpose(transpose, tiles, vectors)
    }

    private func add(
        _ weights: AlignedBuffer<Float>, _ input: AlignedBuffer<Float>, to matrix: StepSums.Matrix, _ vectors: Int
    ) {
        add(pass.step.network.precision, weights, input, to: matrix, vectors)
    }

    private func add(
        _ precision: Precision, _ weights: AlignedBuffer<Float>, _ input: AlignedBuffer<Float>, to matrix: StepSums.Matrix,
        _ vectors: Int
    ) {
        let product = PointwiseProduct(
            precision: precision, pixels: vectors * pass.grid.lanes, transposedWeights: weights.base, transposedInput: input.base,
            inputStride: worker.inputStride, zeros: pass.step.network.zeros.base, sums: sums + matrix.start, sumsStride: matrix.stride)
        pass.kernels.product(product, 0 ..< matrix.rowTiles, matrix.stride / pass.grid.lanes)
    }
}

import KernelInterface

/// One map of the learned prior of one level, as phases of a region: the last layer before the latent. See `LevelPrior`.
struct LevelPriorPass {
    let kernels: KernelTable
    let map: GlowMap
    let prior: LevelPrior
    let level: LevelMemory
    let memory: LevelPriorMemory
    let panels: [WorkerPanels]
    let tiles: PixelTiles
    /// The channels that the level keeps and sends.
    let parts: (kept: Range<Int>, sent: Range<Int>)
    let logDeterminantWeight: Float
    let ownWeights: LogDeterminantWeights?

    private var grid: PixelGrid { level.grid }

    /// Takes the sent half of the state through the prior; cotangents of the kept half change too.
    func run(_ state: UnsafeMutablePointer<Float>, team: inout Team) {
        guard map.network == .cotangent else {
            team.phase(tiles.count, .combine) { number, worker in
                fillNetwork(state, tiles[number], panels[worker].patches)
                couple(state, tiles[number])
            }
            return
        }
        team.phase(tiles.count, .affineCotangent) { number, _ in couple(state, tiles[number]) }
        guard !prior.isConstant else { return }
        team.phase(tiles.count, .combine) { number, worker in
            addToKept(state, tiles[number], panels[worker].patches)
        }
    }

    /// (t, r) of the kept half, or their tangents.
    private func fillNetwork(_ state: UnsafePointer<Float>, _ vectors: Range<Int>, _ patches: UnsafeMutablePointer<Float>) {
        let isTangent = map.network == .tangent
        let pixels = vectors.lowerBound * grid.lanes ..< vectors.upperBound * grid.lanes
        guard !isTangent || !prior.isConstant else {
            for plane in 0 ..< 2 * prior.channels {
                (memory.network + plane * grid.stride + pixels.lowerBound).update(repeating: 0, count: pixels.count)
            }
            return
        }
        if let values = prior.map { return fill(values.base, pixels) }
        let panelStride = panels[0].stride
        let gather = PatchGather(
            neighbourhood: grid.neighbourhood(mirrored: false, first: vectors.lowerBound), channels: prior.inputs,
            gathersBorder: !isTangent, source: state + parts.kept.lowerBound * grid.stride + pixels.lowerBound, sourceStride: grid.stride,
            output: patches, outputStride: panelStride)
        kernels.gather(gather, vectors.count)
        let (matrix, start) = prior.product(ofTangents: isTangent)
        let product = PointwiseProduct(
            matrix, start: start, input: patches, inputStride: panelStride, output: memory.network + pixels.lowerBound,
            outputStride: grid.stride)
        kernels.product(product, 0 ..< matrix.rowTiles, vectors.count)
    }

    /// (t, r) of each latent value, the same for all images.
    private func fill(_ values: UnsafePointer<Float>, _ pixels: Range<Int>) {
        let size = grid.height * grid.width
        for image in 0 ..< grid.capacity {
            let own = (image * size ..< (image + 1) * size).clamped(to: pixels)
            if own.isEmpty { continue }
            for plane in 0 ..< 2 * prior.channels {
                (memory.network + plane * grid.stride + own.lowerBound).update(
                    from: values + plane * size + own.lowerBound - image * size, count: own.count)
            }
        }
    }

    /// The sent half, and cotangents of (t, r).
    private func couple(_ state: UnsafeMutablePointer<Float>, _ vectors: Range<Int>) {
        let pixel = vectors.lowerBound * grid.lanes
        let arguments = AffineCoupling(
            form: LevelPrior.form, channels: prior.channels, transformed: state + parts.sent.lowerBound * grid.stride + pixel,
            transformedStride: grid.stride, network: memory.network + pixel, networkStride: grid.stride, scale: memory.scale + pixel,
            slope: memory.slope + pixel, recordStride: grid.stride, logScale: memory.logScale + pixel, logScaleStride: grid.stride,
            logDeterminantWeight: logDeterminantWeight)
        switch map {
        case .forward: kernels.affineForward(arguments, vectors.count)
        case .inverse: kernels.affineInverse(arguments, vectors.count)
        case .forwardJVP: kernels.affineForwardJVP(arguments, vectors.count)
        case .inverseJVP: kernels.affineInverseJVP(arguments, vectors.count)
        case .inverseVJP: kernels.affineInverseVJP(arguments, vectors.count)
        case .forwardVJP:
            kernels.affineForwardVJP(arguments, vectors.count)
            guard let ownWeights, !prior.isConstant else { return }
            let scales = AffineScales(
                rate: memory.logScale, rateStride: grid.stride, logit: memory.network + prior.channels * grid.stride,
                logitStride: grid.stride, channels: prior.channels)
            let pixels = pixel ..< vectors.upperBound * grid.lanes
            ownWeights.addGradient(at: scales, pixels, ofImages: grid.height * grid.width)
        }
    }

    /// Cotangents of (t, r) to the kept half; the rest of the state gets zeros added.
    private func addToKept(_ state: UnsafeMutablePointer<Float>, _ vectors: Range<Int>, _ patches: UnsafeMutablePointer<Float>) {
        let pixel = vectors.lowerBound * grid.lanes
        let panelStride = panels[0].stride
        let gather = PatchGather(
            neighbourhood: grid.neighbourhood(mirrored: true, first: vectors.lowerBound), channels: 2 * prior.channels,
            source: memory.network + pixel, sourceStride: grid.stride, output: patches, outputStride: panelStride)
        kernels.gather(gather, vectors.count)
        let (matrix, start) = prior.cotangentProduct
        let product = PointwiseProduct(
            matrix, start: start, epilogue: .add, input: patches, inputStride: panelStride,
            output: state + pixel, outputStride: grid.stride)
        kernels.product(product, 0 ..< matrix.rowTiles, vectors.count)
    }
}

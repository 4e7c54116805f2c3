import KernelInterface

/// One coupling of one map on one level: what its phases share. See `GlowMap`.
struct CouplingPass {
    let kernels: KernelTable
    let map: GlowMap
    let step: FlowStep
    let index: Int
    let level: LevelMemory
    let panels: [WorkerPanels]
    let tiles: PixelTiles
    let threads: Int
    let isAffine: Bool
    let logDeterminantWeight: Float

    private var grid: PixelGrid { level.grid }
    private var half: Int { level.channels / 2 }
    private var isCotangent: Bool { map.network == .cotangent }

    /// The network: from its input planes to tap planes.
    func runNetwork(_ state: UnsafeMutablePointer<Float>, team: inout Team) {
        let transformed = state + half * grid.stride
        var source = isCotangent ? transformed : state
        if isCotangent, isAffine {
            team.phase(tiles.count, .affineCotangent) { tile, _ in
                let vectors = tiles[tile]
                var arguments = affineArguments(
                    transformed, network: level.network, networkStride: grid.stride, first: vectors.lowerBound)
                arguments.network += vectors.lowerBound * grid.lanes
                (map == .forwardVJP ? kernels.affineForwardVJP : kernels.affineInverseVJP)(arguments, vectors.count)
            }
            source = level.network
        }
        if tiles.vectors < threads, tiles.vectors <= kernels.vectorsPerPanel {
            runNetworkByRows(source, team: &team)
        } else {
            runNetworkByPixels(source, team: &team)
        }
    }

    /// Each task takes a panel of pixels through all three products.
    private func runNetworkByPixels(_ source: UnsafePointer<Float>, team: inout Team) {
        let (first, second, third) = step.network.layers(of: map.network)
        team.phase(tiles.count, .network) { tile, worker in
            let vectors = tiles[tile]
            let panel = panels[worker]
            gather(source, vectors, panel)
            product(first, 0 ..< first.rowTiles, vectors, panel.patches, panel.firstHidden, panel.stride, worker)
            product(second, 0 ..< second.rowTiles, vectors, panel.firstHidden, panel.secondHidden, panel.stride, worker)
            let taps = level.taps + vectors.lowerBound * grid.lanes
            product(third, 0 ..< third.rowTiles, vectors, panel.secondHidden, taps, grid.stride, worker)
        }
    }

    /// For a level with fewer vectors than threads: its weights are many and its pixels few, so the tasks of each product are
    /// rows of the result, and a thread reads only its share of the weights. Each gathers the few patches for itself.
    private func runNetworkByRows(_ source: UnsafePointer<Float>, team: inout Team) {
        let (first, second, third) = step.network.layers(of: map.network)
        let vectors = 0 ..< tiles.vectors
        let shared = panels[0]
        byRows(of: first, team: &team) { rows, worker in
            gather(source, vectors, panels[worker])
            product(first, rows, vectors, panels[worker].patches, shared.firstHidden, shared.stride, worker)
        }
        byRows(of: second, team: &team) { rows, worker in
            product(second, rows, vectors, shared.firstHidden, shared.secondHidden, shared.stride, worker)
        }
        byRows(of: third, team: &team) { rows, worker in
            product(third, rows, vectors, shared.secondHidden, level.taps, grid.stride, worker)
        }
    }

    /// Shares the row tiles of a layer among the threads.
    private func byRows(of layer: CouplingNetwork.Layer, team: inout Team, _ body: (_ rows: Range<Int>, _ worker: Int) -> Void) {
        let tasks = min(threads, layer.rowTiles)
        team.phase(tasks, .network) { task, worker in
            body(task * layer.rowTiles / tasks ..< (task + 1) * layer.rowTiles / tasks, worker)
        }
    }

    private func gather(_ source: UnsafePointer<Float>, _ vectors: Range<Int>, _ panel: WorkerPanels) {
        let gather = PatchGather(
            precision: step.network.precision,
            neighbourhood: grid.neighbourhood(mirrored: isCotangent, first: vectors.lowerBound),
            channels: step.network.channels(of: map.network).gathered,
            source: source + vectors.lowerBound * grid.lanes, sourceStride: grid.stride,
            output: panel.patches, outputStride: panel.stride)
        kernels.gather(gather, vectors.count)
    }

    /// One product of the network, from a panel to a panel or to tap planes.
    private func product(
        _ layer: CouplingNetwork.Layer, _ rows: Range<Int>, _ vectors: Range<Int>,
        _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ outputStride: Int, _ worker: Int
    ) {
        let bits = level.reluBits(step: index, layer: layer.bitsLayer) + vectors.lowerBound * grid.lanes / 8
        let product = PointwiseProduct(
            layer.matrix, transposed: layer.transposed, start: layer.start, epilogue: layer.epilogue,
            bits: bits, bitsStride: grid.bitsStride,
            input: input, inputStride: panels[0].stride, output: output, outputStride: outputStride,
            scratch: panels[worker].productScratch)
        kernels.product(product, rows, vectors.count)
    }

    /// The tap planes are added up into the state, for the vectors of one tile.
    func combine(_ state: UnsafeMutablePointer<Float>, _ vectors: Range<Int>, worker: Int) {
        let target = state + (isCotangent ? 0 : half * grid.stride) + vectors.lowerBound * grid.lanes
        let addsToState = isCotangent || !isAffine
        let panel = panels[worker]
        // An affine coupling has the signs of its inverse maps in what enters the network, or in its own formula.
        let sum = ShiftAdd(
            neighbourhood: grid.neighbourhood(mirrored: isCotangent, first: vectors.lowerBound),
            channels: step.network.channels(of: map.network).given,
            taps: level.taps + vectors.lowerBound * grid.lanes, tapsStride: grid.stride,
            start: step.network.start(of: map.network), weight: isAffine ? 1 : map.networkWeight,
            accumulates: addsToState,
            target: addsToState ? target : panel.shifts, targetStride: addsToState ? grid.stride : panel.stride)
        kernels.shiftAdd(sum, vectors.count)
        guard !addsToState else { return }
        let arguments = affineArguments(
            state + half * grid.stride, network: panel.shifts, networkStride: panel.stride, first: vectors.lowerBound)
        switch map {
        case .forward: kernels.affineForward(arguments, vectors.count)
        case .inverse: kernels.affineInverse(arguments, vectors.count)
        case .forwardJVP: kernels.affineForwardJVP(arguments, vectors.count)
        case .inverseJVP: kernels.affineInverseJVP(arguments, vectors.count)
        case .forwardVJP, .inverseVJP: break
        }
    }

    private func affineArguments(
        _ transformed: UnsafeMutablePointer<Float>, network: UnsafeMutablePointer<Float>, networkStride: Int, first: Int
    ) -> AffineCoupling {
        let pixel = first * grid.lanes
        return AffineCoupling(
            channels: half, transformed: transformed + pixel, transformedStride: grid.stride,
            network: network, networkStride: networkStride,
            scale: level.scale(step: index) + pixel, slope: level.slope(step: index) + pixel, recordStride: grid.stride,
            logScale: level.logScale + pixel, logScaleStride: grid.stride, logDeterminantWeight: logDeterminantWeight)
    }
}

import KernelInterface

/// One map of one flow step, tile by tile: the kernel calls that take some vectors of pixels through the pointwise part, the coupling
/// network and the coupling, in inference and in training alike. Whoever runs a map gives the memory, and a phase of the region to each
/// function; see `GlowMap` for the six maps.
///
/// A tile is combined after it and its neighbours have run their network, since a pixel reads the taps of its neighbours. The step must live as
/// long as this does, which holds pointers into it: a reference would be counted, by all threads, at each tile.
package struct CouplingTile {
    private let kernels: KernelTable
    private let map: GlowMap
    private let grid: PixelGrid
    /// Weight of log|det J_f| in `forwardVJP`: one for all images, and what each has besides.
    private let logDeterminantWeight: Float
    private let ownWeights: LogDeterminantWeights?

    private let mixing: (matrix: MatrixOperand, start: UnsafePointer<Float>)
    private let layers: (CouplingNetwork.Layer, CouplingNetwork.Layer, CouplingNetwork.Layer)
    /// Channels that the network gathers and gives, and what is added to those that it gives.
    private let channels: (gathered: Int, given: Int)
    private let start: UnsafePointer<Float>
    private let borders: (gathered: Bool, given: UnsafePointer<Float>?)
    private let form: AffineForm
    private let half: Int
    private let precision: Precision
    let isAffine: Bool
    private let isCotangent: Bool

    package init(
        kernels: KernelTable, step: FlowStep, map: GlowMap, grid: PixelGrid, logDeterminantWeight: Float,
        ownWeights: LogDeterminantWeights? = nil
    ) {
        self.kernels = kernels
        self.map = map
        self.grid = grid
        self.logDeterminantWeight = logDeterminantWeight
        self.ownWeights = ownWeights
        mixing = step.mixing(of: map)
        layers = step.network.layers(of: map.network)
        channels = step.network.channels(of: map.network)
        start = step.network.start(of: map.network)
        borders = step.network.borders(of: map.network)
        form = step.network.form
        half = step.network.inputChannels
        precision = step.network.precision
        isAffine = step.network.isAffine
        isCotangent = map.network == .cotangent
    }

    // States and planes are given from their first pixel on, whichever the tile.

    /// The pointwise part of the step, from planes to planes.
    package func mix(_ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, _ vectors: Range<Int>) {
        let pixel = vectors.lowerBound * grid.lanes
        let product = PointwiseProduct(
            mixing.matrix, start: mixing.start, input: source + pixel, inputStride: grid.stride, output: target + pixel,
            outputStride: grid.stride)
        kernels.product(product, 0 ..< mixing.matrix.rowTiles, vectors.count)
    }

    /// Cotangents through an affine coupling, before they enter its network: the second half of the state changes, and
    /// `TileMemory.network` gets what enters.
    package func enterNetwork(_ state: UnsafeMutablePointer<Float>, _ vectors: Range<Int>, _ memory: TileMemory) {
        guard isCotangent, isAffine else { return }
        let pixel = vectors.lowerBound * grid.lanes
        let arguments = affineArguments(state, network: memory.network + pixel, networkStride: grid.stride, pixel, memory)
        (map == .forwardVJP ? kernels.affineForwardVJP : kernels.affineInverseVJP)(arguments, vectors.count)
        guard map == .forwardVJP, let ownWeights else { return }
        let logit = memory.network + half * grid.stride
        let scales =
            form.isStandard
            ? AffineScales(scale: memory.scale, scaleStride: grid.stride, logit: logit, logitStride: grid.stride, channels: half)
            : AffineScales(rate: memory.logScale, rateStride: grid.stride, logit: logit, logitStride: grid.stride, channels: half)
        let pixels = vectors.lowerBound * grid.lanes ..< vectors.upperBound * grid.lanes
        ownWeights.addGradient(at: scales, pixels, ofImages: grid.height * grid.width)
    }

    /// The network, from its input planes to the tap planes.
    package func runNetwork(_ state: UnsafePointer<Float>, _ vectors: Range<Int>, _ memory: TileMemory) {
        gather(state, vectors, memory)
        runFirst(0 ..< layers.0.operand.rowTiles, vectors, memory)
        runSecond(0 ..< layers.1.operand.rowTiles, vectors, memory)
        runThird(0 ..< layers.2.operand.rowTiles, vectors, memory)
    }

    /// The neighbourhoods of the network's input.
    package func gather(_ state: UnsafePointer<Float>, _ vectors: Range<Int>, _ memory: TileMemory) {
        let source = !isCotangent ? state : isAffine ? UnsafePointer(memory.network) : state + half * grid.stride
        let gather = PatchGather(
            precision: precision, neighbourhood: grid.neighbourhood(mirrored: isCotangent, first: vectors.lowerBound),
            channels: channels.gathered, gathersBorder: borders.gathered, source: source + vectors.lowerBound * grid.lanes,
            sourceStride: grid.stride,
            output: memory.patches, outputStride: memory.panelStride)
        kernels.gather(gather, vectors.count)
    }

    /// Tiles of rows that the three products of the network give.
    var rowTiles: (Int, Int, Int) { (layers.0.operand.rowTiles, layers.1.operand.rowTiles, layers.2.operand.rowTiles) }

    /// Some rows of the first product of the network, from the patches.
    func runFirst(_ rows: Range<Int>, _ vectors: Range<Int>, _ memory: TileMemory) {
        product(layers.0, rows, vectors, memory, from: memory.patches, to: memory.firstHidden, memory.panelStride)
    }

    /// Some rows of the second product, from the first hidden layer.
    func runSecond(_ rows: Range<Int>, _ vectors: Range<Int>, _ memory: TileMemory) {
        product(layers.1, rows, vectors, memory, from: memory.firstHidden, to: memory.secondHidden, memory.panelStride)
    }

    /// Some rows of the third product, to the tap planes.
    func runThird(_ rows: Range<Int>, _ vectors: Range<Int>, _ memory: TileMemory) {
        product(
            layers.2, rows, vectors, memory, from: memory.secondHidden, to: memory.taps + vectors.lowerBound * grid.lanes, memory.tapsStride
        )
    }

    private func product(
        _ layer: CouplingNetwork.Layer, _ rows: Range<Int>, _ vectors: Range<Int>, _ memory: TileMemory,
        from input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, _ outputStride: Int
    ) {
        let product = PointwiseProduct(
            layer.operand, start: layer.start, epilogue: layer.epilogue,
            bits: layer.takesSecondBits ? memory.secondBits : memory.firstBits, bitsStride: memory.bitsStride, input: input,
            inputStride: memory.panelStride, output: output, outputStride: outputStride, scratch: memory.scratch)
        kernels.product(product, rows, vectors.count)
    }

    /// The coupling: the tap planes are added up into the state.
    package func combine(_ state: UnsafeMutablePointer<Float>, _ vectors: Range<Int>, _ memory: TileMemory) {
        let pixel = vectors.lowerBound * grid.lanes
        let target = state + (isCotangent ? 0 : half * grid.stride) + pixel
        // An affine coupling has the signs of its inverse maps in what enters the network, or in its own formula.
        let addsToState = isCotangent || !isAffine
        let sum = ShiftAdd(
            neighbourhood: grid.neighbourhood(mirrored: isCotangent, first: vectors.lowerBound), channels: channels.given,
            taps: memory.taps + pixel, tapsStride: memory.tapsStride, start: start, border: borders.given,
            weight: isAffine ? 1 : map.networkWeight,
            accumulates: addsToState, target: addsToState ? target : memory.shifts,
            targetStride: addsToState ? grid.stride : memory.panelStride)
        kernels.shiftAdd(sum, vectors.count)
        guard !addsToState else { return }
        let arguments = affineArguments(state, network: memory.shifts, networkStride: memory.panelStride, pixel, memory)
        switch map {
        case .forward: kernels.affineForward(arguments, vectors.count)
        case .inverse: kernels.affineInverse(arguments, vectors.count)
        case .forwardJVP: kernels.affineForwardJVP(arguments, vectors.count)
        case .inverseJVP: kernels.affineInverseJVP(arguments, vectors.count)
        case .forwardVJP, .inverseVJP: break
        }
    }

    private func affineArguments(
        _ state: UnsafeMutablePointer<Float>, network: UnsafeMutablePointer<Float>, networkStride: Int, _ pixel: Int, _ memory: TileMemory
    ) -> AffineCoupling {
        AffineCoupling(
            form: form, channels: half, transformed: state + half * grid.stride + pixel, transformedStride: grid.stride, network: network,
            networkStride: networkStride, scale: memory.scale + pixel, slope: memory.slope + pixel, recordStride: grid.stride,
            logScale: memory.logScale + pixel, logScaleStride: grid.stride, logDeterminantWeight: logDeterminantWeight)
    }
}

/// Says where the numbers of a tile lie that are neither weights nor state. Panels hold the pixels of the tile alone, planes those of the whole
/// grid; rows of planes are the grid's stride apart.
package struct TileMemory {
    /// Panel of gathered patches, (9 gathered channels, pixels).
    package var patches: UnsafeMutablePointer<Float>
    /// Panels of what the first and the second product give, (h, pixels).
    package var firstHidden, secondHidden: UnsafeMutablePointer<Float>
    /// Panel of what the network of an affine coupling gives, (O, pixels).
    package var shifts: UnsafeMutablePointer<Float>
    /// Floats from row to row of the panels.
    package var panelStride: Int
    /// Relu bits of both hidden layers from the tile's first pixel on, (h, pixels / 8) bytes each, and the bytes from row to row.
    package var firstBits, secondBits: UnsafeMutablePointer<UInt8>
    package var bitsStride: Int
    /// Planes of what the third product gives, (9 given channels, pixels), and the floats from plane to plane.
    package var taps: UnsafeMutablePointer<Float>
    package var tapsStride: Int
    /// Planes of affine coupling: cotangents that enter the network (O, pixels), s, its slope and log s (C/2, pixels).
    package var network, scale, slope, logScale: UnsafeMutablePointer<Float>
    /// What a product in bf16 needs that transposes its weights, `PointwiseProduct.scratchWords` words; nil where none does.
    package var scratch: UnsafeMutablePointer<Float>?

    package init(
        patches: UnsafeMutablePointer<Float>, firstHidden: UnsafeMutablePointer<Float>, secondHidden: UnsafeMutablePointer<Float>,
        shifts: UnsafeMutablePointer<Float>, panelStride: Int, firstBits: UnsafeMutablePointer<UInt8>,
        secondBits: UnsafeMutablePointer<UInt8>, bitsStride: Int, taps: UnsafeMutablePointer<Float>, tapsStride: Int,
        network: UnsafeMutablePointer<Float>, scale: UnsafeMutablePointer<Float>, slope: UnsafeMutablePointer<Float>,
        logScale: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>? = nil
    ) {
        self.patches = patches
        self.firstHidden = firstHidden
        self.secondHidden = secondHidden
        self.shifts = shifts
        self.panelStride = panelStride
        self.firstBits = firstBits
        self.secondBits = secondBits
        self.bitsStride = bitsStride
        self.taps = taps
        self.tapsStride = tapsStride
        self.network = network
        self.scale = scale
        self.slope = slope
        self.logScale = logScale
        self.scratch = scratch
    }
}

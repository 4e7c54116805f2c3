import KernelInterface

/// The memory of a batch of images in a Glow: the point that `forward` or `inverse` recorded last, and all scratch space.
///
/// Recorded are one bit per hidden unit and pixel for each relu, and for affine coupling the scale and its slope: all that a
/// product with the Jacobian needs. One linearization is used by one caller at a time.
public final class GlowLinearization {
    /// Channels, height and width of each image.
    public let imageShape: ImageShape
    /// Most images of a batch.
    public let capacity: Int
    package let parallelism: Parallelism
    /// Images of the recorded batch.
    public private(set) var count = 0

    /// log|det dz/dx| of each image.
    let logDeterminant: AlignedBuffer<Double>
    let levels: [LevelMemory]
    let panels: [WorkerPanels]

    init(glow: Glow, imageShape: ImageShape, capacity: Int, parallelism: Parallelism) {
        self.imageShape = imageShape
        self.capacity = capacity
        self.parallelism = parallelism
        let architecture = glow.architecture
        let kernels = glow.kernels
        logDeterminant = AlignedBuffer(count: capacity)
        levels = (0 ..< architecture.levels).map { level in
            let grid = PixelGrid(
                height: imageShape.height >> (level + 1), width: imageShape.width >> (level + 1), capacity: capacity,
                lanes: kernels.lanes)
            return LevelMemory(
                grid: grid, shape: architecture.stepShape(level: level), steps: architecture.steps[level],
                isAffine: architecture.coupling == .affine, prior: architecture.priorShape(level: level), kernels: kernels,
                threads: parallelism.threads)
        }
        let widest = architecture.stepShape(level: architecture.levels - 1)
        let rows = architecture.gatheredRows
        let pixels = kernels.vectorsPerPanel * kernels.lanes
        panels = (0 ..< parallelism.threads).map { _ in
            WorkerPanels(gatheredRows: rows, hidden: architecture.hidden, shiftRows: widest.outputs, pixels: pixels)
        }
    }

    /// Starts the record of a batch.
    func begin(_ count: Int) {
        precondition(count >= 0 && count <= capacity, "a batch of \(count) images in memory for \(capacity)")
        self.count = count
    }

    /// Bytes of all buffers.
    public var bytes: Int {
        levels.reduce(0) { $0 + $1.bytes } + panels.reduce(0) { $0 + $1.bytes }
    }
}

/// The planes and records of one level.
final class LevelMemory {
    let grid: PixelGrid
    let channels: Int
    /// State of the pass, (C, pixels), twice: the pointwise part of a step reads one and writes the other.
    private let planes: [AlignedBuffer<Float>]
    /// What the third product of a network gives, (9 O, pixels) or (9 C/2, pixels).
    let strips: TapStrips
    private let tapPlanes: TapStrips.TapPlanes
    /// Affine coupling: cotangents that enter the network (O, pixels), and log s (C/2, pixels).
    private let networkPlanes: AlignedBuffer<Float>
    private let logScalePlanes: AlignedBuffer<Float>
    /// (steps, 2, h, pixels) bits.
    private let reluBits: AlignedBuffer<UInt8>
    private let reluLayerBytes: Int
    /// Affine coupling: (steps, 2, C/2, pixels), s and its slope.
    private let scaleRecords: AlignedBuffer<Float>
    /// What the learned prior of the level needs, where it has one.
    let prior: LevelPriorMemory?

    init(
        grid: PixelGrid, shape: FlowStepShape, steps: Int, isAffine: Bool, prior: LevelPriorShape?, kernels: KernelTable, threads: Int
    ) {
        self.grid = grid
        channels = shape.channels
        planes = (0 ..< 2).map { _ in grid.makePlanes(paddedToTile(shape.channels)) }
        strips = TapStrips(
            width: grid.width, vectors: grid.vectors(images: grid.capacity), planes: shape.tapPlanes, kernels: kernels, threads: threads)
        tapPlanes = strips.makePlanes()
        networkPlanes = isAffine ? grid.makePlanes(shape.outputs) : AlignedBuffer(count: 0)
        logScalePlanes = isAffine ? grid.makePlanes(shape.channels / 2) : AlignedBuffer(count: 0)
        reluLayerBytes = paddedToTile(shape.hidden) * grid.bitsStride
        reluBits = AlignedBuffer(count: steps * 2 * reluLayerBytes)
        scaleRecords = AlignedBuffer(count: isAffine ? steps * shape.channels * grid.stride : 0)
        self.prior = prior.map { LevelPriorMemory($0, grid: grid) }
    }

    /// Plane 0 of the state; `side` is 0 or 1.
    func state(_ side: Int) -> UnsafeMutablePointer<Float> { planes[side].base + grid.guardCount }
    private var network: UnsafeMutablePointer<Float> { networkPlanes.base + grid.guardCount }
    private var logScale: UnsafeMutablePointer<Float> { logScalePlanes.base + grid.guardCount }

    func planes(side: Int) -> Planes {
        Planes(
            base: state(side), channelStride: grid.stride, imageStride: grid.height * grid.width, height: grid.height,
            width: grid.width)
    }

    /// Sum of log s over the channels and pixels of one image.
    func logScaleSum(image: Int) -> Double { grid.sum(of: logScale, channels: channels / 2, image: image) }

    /// Sum of log s over the channels and pixels of one image at a step, by the record.
    func recordedLogScaleSum(step: Int, image: Int) -> Double {
        grid.sumOfLogarithms(of: scaleRecords.base + step * channels * grid.stride, channels: channels / 2, image: image)
    }

    private func reluBits(step: Int, layer: Int) -> UnsafeMutablePointer<UInt8> {
        reluBits.base + (2 * step + layer) * reluLayerBytes
    }

    /// Takes the last taps of a strip along to the next one, in some of the planes.
    func takeTapsAlong(from strip: Int, task: Int, of tasks: Int) { tapPlanes.takeAlong(from: strip, task: task, of: tasks) }

    /// What a tile of a step works on, from vector `firstVector` on, with the taps of a strip and the panels of its worker.
    func memory(step: Int, firstVector: Int, strip: Int, panels: WorkerPanels) -> TileMemory {
        let taps = tapPlanes.taps(of: strip)
        let scale = scaleRecords.base + step * channels * grid.stride
        let byte = firstVector * grid.lanes / 8
        return TileMemory(
            patches: panels.patches, firstHidden: panels.firstHidden, secondHidden: panels.secondHidden, shifts: panels.shifts,
            panelStride: panels.stride, firstBits: reluBits(step: step, layer: 0) + byte,
            secondBits: reluBits(step: step, layer: 1) + byte, bitsStride: grid.bitsStride, taps: taps.base, tapsStride: taps.stride,
            network: network, scale: scale,
            slope: scale + channels / 2 * grid.stride, logScale: logScale, scratch: panels.productScratch)
    }

    var bytes: Int {
        planes.reduce(0) { $0 + $1.bytes } + strips.bytes + networkPlanes.bytes + logScalePlanes.bytes
            + reluBits.bytes + scaleRecords.bytes + (prior?.bytes ?? 0)
    }
}

/// Scratch of one worker: what a panel of pixels needs between the products of a network. It fits the second-level cache.
final class WorkerPanels {
    /// Floats from row to row.
    let stride: Int
    private let storage: AlignedBuffer<Float>
    /// (gathered rows, pixels)
    let patches: UnsafeMutablePointer<Float>
    /// (h, pixels)
    let firstHidden, secondHidden: UnsafeMutablePointer<Float>
    /// (O, pixels), for affine coupling.
    let shifts: UnsafeMutablePointer<Float>
    /// What a product needs beside its operands.
    let productScratch: UnsafeMutablePointer<Float>

    init(gatheredRows: Int, hidden: Int, shiftRows: Int, pixels: Int) {
        stride = pixels
        let hiddenRows = paddedToTile(hidden)
        let scratchWords = PointwiseProduct.scratchWords(depth: max(gatheredRows, hiddenRows))
        storage = AlignedBuffer(count: (gatheredRows + 2 * hiddenRows + shiftRows) * pixels + scratchWords)
        patches = storage.base
        firstHidden = patches + gatheredRows * pixels
        secondHidden = firstHidden + hiddenRows * pixels
        shifts = secondHidden + hiddenRows * pixels
        productScratch = shifts + shiftRows * pixels
    }

    var bytes: Int { storage.bytes }
}

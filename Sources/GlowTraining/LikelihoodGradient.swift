import CPUFeatures
import GlowModel
import KernelInterface

/// The loss of maximum likelihood and its gradient, for batches of one size: bits per dimension, the mean over the batch of
///
///     -log p(x) / (n log 2),    -log p(x) = |z|^2 / 2 + n/2 log(2 pi) - log|det dz/dx|
///
/// The parameters are folded and packed first, see `TrainedStep`. Forward and backward pass are one parallel region whose tasks are
/// groups of images; each chunk of groups adds up its own sums, and these are added in order, so the bits of the gradient do not
/// depend on the number of threads.
package final class LikelihoodGradient {
    package let imageShape: ImageShape
    /// Images of a batch.
    package let images: Int
    package let precision: Precision
    package let recomputation: Recomputation
    package let parallelism: Parallelism

    let kernels: KernelTable
    let layout: ParameterLayout
    let frames: [MixingFrame]
    let levels: [TrainingLevel]
    /// `steps[l][k]`
    let steps: [[TrainedStep]]
    let workers: [TrainingWorker]
    private let sums: AlignedBuffer<Float>
    private let sumsPerChunk: Int
    private let logDeterminants, energies, drifts: AlignedBuffer<Double>

    /// Most chunks of a batch, and so most threads that share the pass backward of a step.
    static let mostChunks = 16
    /// Pixels of a panel: many enough that the sums of outer products are loaded and stored seldom, few enough for the cache.
    static let panelPixels = 128
    private static let reductionTasks = 8

    /// - Throws: `TrainingError` when the flow does not take images of this shape, or the batch is empty or too large.
    package init(
        parameters: TrainingParameters, imageShape: ImageShape, images: Int, precision: Precision = .fp32,
        recomputation: Recomputation, kernels: KernelTable, parallelism: Parallelism
    ) throws {
        let architecture = parameters.architecture
        try Self.requireShape(architecture, imageShape, images)
        self.imageShape = imageShape
        self.images = images
        self.precision = precision
        self.recomputation = recomputation
        self.parallelism = parallelism
        self.kernels = kernels
        layout = parameters.layout
        frames = parameters.frames
        levels = (0 ..< architecture.levels).map { level in
            TrainingLevel(
                shape: architecture.stepShape(level: level), steps: architecture.steps[level],
                height: imageShape.height >> (level + 1), width: imageShape.width >> (level + 1), images: images,
                lanes: kernels.lanes, panelPixels: Self.panelPixels, precision: precision,
                isAffine: architecture.coupling == .affine, recomputation: recomputation)
        }
        steps = (0 ..< architecture.levels).map { level in
            (0 ..< architecture.steps[level]).map { _ in
                TrainedStep(shape: architecture.stepShape(level: level), precision: precision)
            }
        }
        workers = (0 ..< parallelism.threads).map { [levels] _ in
            TrainingWorker(levels: levels, panelPixels: Self.panelPixels, lanes: kernels.lanes)
        }
        sumsPerChunk = levels.map { StepSums($0.shape, lanes: kernels.lanes).count }.max() ?? 0
        sums = AlignedBuffer(count: Self.mostChunks * sumsPerChunk)
        logDeterminants = AlignedBuffer(count: images)
        energies = AlignedBuffer(count: images)
        drifts = AlignedBuffer(count: images)
    }

    /// What a batch gave.
    package struct Evaluation: Sendable {
        /// The loss; of images that are dequantized by noise of width w, -log2 w is to be added.
        package let bitsPerDimension: Double
        /// How far the images that `inverted` recovers are from those given, relative to their largest magnitude; nil for `stored`.
        package let drift: Double?
    }

    /// The loss of a batch, and its gradient in the parameters.
    ///
    /// - Parameters:
    ///   - batch: (images, channels, height, width), in the model's range.
    ///   - values: the parameter vector.
    ///   - gradient: as long as `values`; overwritten.
    package func evaluate(_ batch: [Float], parameters values: [Float], gradient: inout [Float]) -> Evaluation {
        precondition(batch.count == images * imageShape.count, "a batch of another size")
        precondition(values.count == layout.count && gradient.count == layout.count, "vectors of another layout")
        batch.withUnsafeBufferPointer { batch in
            values.withUnsafeBufferPointer { values in
                gradient.withUnsafeMutableBufferPointer { gradient in
                    guard let x = batch.baseAddress, let p = values.baseAddress, let g = gradient.baseAddress else { return }
                    parallelism.region { team in
                        let mode = reglow_flush_subnormals()
                        refresh(p, &team)
                        forward(x, &team)
                        backward(into: g, &team)
                        team.phase(layout.steps.count) { number, _ in finish(number, p, g) }
                        if recomputation == .inverted { team.phase(images) { image, _ in measureDrift(image, from: x) } }
                        reglow_restore_float_mode(mode)
                    }
                }
            }
        }
        return evaluation()
    }

    /// Bytes of all buffers.
    package var bytes: Int {
        levels.reduce(0) { $0 + $1.bytes } + workers.reduce(0) { $0 + $1.bytes } + sums.bytes
    }

    private func evaluation() -> Evaluation {
        var constant = Double(imageShape.count) / 2 * 1.837_877_066_409_345_5  // log(2 pi)
        for (level, steps) in zip(levels, steps) {
            for step in steps { constant -= Double(level.grid.height * level.grid.width) * step.mixingLogDeterminant }
        }
        var total = 0.0
        for image in 0 ..< images { total += energies.base[image] / 2 + constant - logDeterminants.base[image] }
        let drift = (0 ..< images).reduce(0.0) { drifts.base[$1].isNaN ? .infinity : max($0, drifts.base[$1]) }
        return Evaluation(bitsPerDimension: total * scale, drift: recomputation == .inverted ? drift : nil)
    }

    /// 1 / (N n log 2): what makes a sum over the batch bits per dimension.
    var scale: Double { 1 / (Double(images) * Double(imageShape.count) * 0.693_147_180_559_945_3) }

    private func refresh(_ values: UnsafePointer<Float>, _ team: inout Team) {
        team.phase(layout.steps.count) { number, _ in refresh(number, values) }
    }

    /// Folds and packs step `number` of the layout.
    func refresh(_ number: Int, _ values: UnsafePointer<Float>) {
        let step = layout.steps[number]
        steps[step.level][step.index].refresh(
            StepValues(step, in: values), frame: frames[number], withInverse: recomputation == .inverted)
    }

    private func forward(_ batch: UnsafePointer<Float>, _ team: inout Team) {
        for level in levels.indices {
            team.phase(images) { image, _ in enter(level, image, batch) }
            for k in steps[level].indices {
                team.phase(levels[level].groups.count) { group, worker in forward(level, k, group, worker) }
            }
        }
        team.phase(images) { image, _ in energies.base[image] = energy(image) }
    }

    /// One image into the first state of a level: of the batch, or what the level before keeps.
    func enter(_ index: Int, _ image: Int, _ batch: UnsafePointer<Float>) {
        let level = levels[index]
        let source: Planes
        if index == 0 {
            source = Planes.images(batch + image * imageShape.count, shape: imageShape)
            logDeterminants.base[image] = 0
        } else {
            let former = levels[index - 1]
            source = former.image(image) { former.state(former.steps, group: $0) }
        }
        let target = level.image(image) { level.state(0, group: $0) }
        for channel in 0 ..< level.shape.channels / 4 { squeeze(source, channel: channel, into: target, images: 1) }
    }

    /// Step k of a level on one group.
    func forward(_ level: Int, _ k: Int, _ group: Int, _ worker: Int) {
        let pass = pass(level, k, group, worker)
        pass.forward()
        guard levels[level].isAffine else { return }
        for image in 0 ..< levels[level].groups.imagesPerGroup {
            logDeterminants.base[group * levels[level].groups.imagesPerGroup + image] += pass.logScaleSum(image: image)
        }
    }

    private func pass(_ level: Int, _ k: Int, _ group: Int, _ worker: Int) -> GroupPass {
        GroupPass(
            kernels: kernels, level: levels[level], step: steps[level][k].step, index: k, group: group, worker: workers[worker])
    }

    private func firstSent(_ level: Int) -> Int {
        layout.architecture.channels(level: level) - layout.architecture.latentChannels(level: level)
    }

    /// |z|^2 of one image.
    private func energy(_ image: Int) -> Double {
        var sum = 0.0
        for (index, level) in levels.enumerated() {
            let planes = level.image(image) { level.state(level.steps, group: $0) }
            for channel in firstSent(index) ..< level.shape.channels {
                let row = planes.row(image: 0, channel: channel, row: 0)
                for pixel in 0 ..< planes.height * planes.width { sum += Double(row[pixel]) * Double(row[pixel]) }
            }
        }
        return sum
    }

    private func backward(into gradient: UnsafeMutablePointer<Float>, _ team: inout Team) {
        for index in levels.indices.reversed() {
            let level = levels[index]
            let places = StepSums(level.shape, lanes: kernels.lanes)
            let chunks = level.groups.chunks(limit: Self.mostChunks)
            team.phase(images) { image, _ in leave(index, image) }
            for k in steps[index].indices.reversed() {
                team.phase(chunks.count) { chunk, worker in
                    let sums = sums.base + chunk * sumsPerChunk
                    sums.update(repeating: 0, count: places.count)
                    for group in chunks[chunk] {
                        let pass = pass(index, k, group, worker)
                        if recomputation == .inverted { pass.recover() }
                        pass.cotangent(sums: sums, at: places)
                    }
                }
                let reduction = SumReduction(
                    places: places, sums: UnsafePointer(sums.base), stride: sumsPerChunk, chunks: chunks.count,
                    layout: layout.steps[layout.firstStep(level: index) + k], scale: Float(scale))
                team.phase(Self.reductionTasks) { task, _ in
                    reduction.run(task, of: Self.reductionTasks, into: gradient)
                }
            }
        }
    }

    /// The cotangent of an image's state after the last step of a level: z itself, the gradient of |z|^2 / 2, where channels leave for
    /// the latent, elsewhere that of the coarser level.
    private func leave(_ index: Int, _ image: Int) {
        let level = levels[index]
        let target = level.image(image) { level.cotangent(level.steps, group: $0) }
        let state = level.image(image) { level.state(level.steps, group: $0) }
        let sent = firstSent(index)
        if index + 1 < levels.count {
            let coarser = levels[index + 1]
            let source = coarser.image(image) { coarser.cotangent(0, group: $0) }
            for channel in 0 ..< sent { unsqueeze(source, into: target, channel: channel, images: 1) }
        }
        for channel in sent ..< level.shape.channels {
            target.row(image: 0, channel: channel, row: 0).update(
                from: state.row(image: 0, channel: channel, row: 0), count: level.grid.height * level.grid.width)
        }
    }

    /// Goes from the gradients of folded weights, where `SumReduction` put them, to those of the parameters.
    private func finish(_ number: Int, _ values: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>) {
        let step = layout.steps[number]
        let pixels = levels[step.level].grid.height * levels[step.level].grid.width
        guard let mixing = steps[step.level][step.index].fold else { return }
        StepFold(values: StepValues(step, in: values), mixing: mixing)
            .pullBack(gradient, logDeterminantGradient: -Double(images * pixels) * scale)
    }

    private func measureDrift(_ image: Int, from batch: UnsafePointer<Float>) {
        let level = levels[0]
        let recovered = level.image(image) { level.state(0, group: $0) }
        let source = Planes.images(batch + image * imageShape.count, shape: imageShape)
        var (gap, size): (Float, Float) = (0, 0)
        for channel in 0 ..< level.shape.channels {
            for i in 0 ..< level.grid.height {
                let fine = source.row(image: 0, channel: channel / 4, row: 2 * i + channel % 4 / 2) + channel % 2
                let coarse = recovered.row(image: 0, channel: channel, row: i)
                for j in 0 ..< level.grid.width {
                    let difference = abs(coarse[j] - fine[2 * j])
                    gap = difference.isNaN ? .infinity : max(gap, difference)
                    size = max(size, abs(fine[2 * j]))
                }
            }
        }
        drifts.base[image] = Double(gap) / Double(max(size, .leastNormalMagnitude))
    }
}

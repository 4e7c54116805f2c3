import CPUFeatures
import Glibc
import KernelInterface

extension LikelihoodGradient {
    /// Below it a channel counts as constant: differences of 10^-6 are roundings.
    private static let leastVariance = 1e-12

    /// Sets actnorm from a first batch, step by step: b and D such that D (x + b) has mean 0 and variance 1 in every channel.
    ///
    /// A channel that is constant over the batch keeps a scale of 1. Source: Kingma and Dhariwal, "Glow" (2018).
    package func startActnorm(_ parameters: inout TrainingParameters, from batch: [Float]) {
        precondition(batch.count == images * imageShape.count, "a batch of another size")
        batch.withUnsafeBufferPointer { batch in
            guard let x = batch.baseAddress else { return }
            for level in levels.indices {
                parallelism.forEach(images) { image, _ in enter(level, image, x) }
                for k in steps[level].indices {
                    let number = layout.firstStep(level: level) + k
                    let step = layout.steps[number]
                    for channel in 0 ..< step.shape.channels {
                        let (mean, variance) = moments(level, k, channel)
                        parameters.values[step[.actnormBias].lowerBound + channel] = Float(-mean)
                        let logScale = variance > Self.leastVariance ? -0.5 * log(variance) : 0
                        parameters.values[step[.actnormLogScale].lowerBound + channel] = Float(logScale)
                    }
                    parameters.values.withUnsafeBufferPointer { values in
                        if let p = values.baseAddress { refresh(number, p) }
                    }
                    parallelism.forEach(levels[level].groups.count) { group, worker in
                        let mode = reglow_flush_subnormals()
                        forward(level, k, group, worker)
                        reglow_restore_float_mode(mode)
                    }
                }
            }
        }
    }

    /// Mean and variance of a channel before step k of a level, over all pixels of the batch.
    package func moments(_ index: Int, _ k: Int, _ channel: Int) -> (mean: Double, variance: Double) {
        let level = levels[index]
        let pixels = level.grid.height * level.grid.width
        let rows = (0 ..< images).map { image in
            level.image(image) { level.state(k, group: $0) }.row(image: 0, channel: channel, row: 0)
        }
        let count = Double(images * pixels)
        var sum = 0.0
        for row in rows {
            for pixel in 0 ..< pixels { sum += Double(row[pixel]) }
        }
        let mean = sum / count
        var squares = 0.0
        for row in rows {
            for pixel in 0 ..< pixels { squares += (Double(row[pixel]) - mean) * (Double(row[pixel]) - mean) }
        }
        return (mean, squares / count)
    }
}

import KernelInterface

extension Glow {
    /// Bytes of the linearization that `makeLinearization` would make, without making it; the shape is one that the model takes.
    public func linearizationBytes(imageShape: ImageShape, capacity: Int, threads: Int) -> Int {
        let isAffine = architecture.coupling == .affine
        let hidden = paddedToTile(architecture.hidden)
        var bytes = 0
        for level in 0 ..< architecture.levels {
            let shape = architecture.stepShape(level: level)
            let (height, width) = (imageShape.height >> (level + 1), imageShape.width >> (level + 1))
            let stride = PixelGrid.stride(pixels: height * width * capacity)
            let half = shape.channels / 2
            var planes = 2 * paddedToTile(shape.channels)
            bytes +=
                TapStrips(
                    width: width, vectors: (height * width * capacity + kernels.lanes - 1) / kernels.lanes, planes: shape.tapPlanes,
                    kernels: kernels,
                    threads: threads
                ).bytes
            if isAffine { planes += shape.outputs + half + architecture.steps[level] * shape.channels }
            planes += architecture.priorShape(level: level).map(LevelPriorMemory.planes) ?? 0
            // Relu bits of both hidden layers of each step, and which neighbours a pixel has, both ways.
            let bits = 2 * architecture.steps[level] * hidden + 18
            bytes += planes * stride * MemoryLayout<Float>.stride + bits * (stride / 8)
        }
        let widest = architecture.stepShape(level: architecture.levels - 1)
        let rows = architecture.gatheredRows
        let scratch = PointwiseProduct.scratchWords(depth: max(rows, hidden))
        let panel = (rows + 2 * hidden + widest.outputs) * kernels.vectorsPerPanel * kernels.lanes + scratch
        return bytes + max(1, threads) * panel * MemoryLayout<Float>.stride
    }
}

extension GlowArchitecture {
    /// Rows of the patches that a worker gathers at most.
    var gatheredRows: Int {
        let widest = stepShape(level: levels - 1)
        let border = variant.has(.net0Border) ? 1 : 0
        let rows = 9 * max(widest.channels / 2 + border, widest.outputs)
        return (0 ..< levels).reduce(rows) { max($0, priorShape(level: $1).map(LevelPrior.gatheredRows) ?? 0) }
    }
}

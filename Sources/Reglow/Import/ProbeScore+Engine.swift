import CheckpointImport
import Files
import Glibc
import GlowModel
import KernelDispatch
import KernelInterface

extension ProbeScore {
    /// What the images say about a model, by the engine in fp32.
    ///
    /// - Throws: `ModelFileError` for a model that the engine does not take, `GlowShapeError` for images that it does not take.
    init(_ model: FoldedFlow, _ probe: PreparedProbe, parallelism: Parallelism) throws {
        let path = Self.temporaryPath()
        defer { _ = PathName.withSystemPath(path) { unlink($0) } }
        try model.write(to: path, card: [:])
        let scores = try Self.scores(Glow(path: path), probe, parallelism: parallelism)
        let count = Double(max(1, scores.count))
        self.init(
            bits: scores.reduce(0) { $0 + $1.bits } / count, meanSquare: scores.reduce(0) { $0 + $1.meanSquare } / count)
    }

    private static func temporaryPath() -> String {
        let folder = getenv("TMPDIR").map { PathName.decode(cString: $0) } ?? "/tmp"
        return Folder.joined(folder, "reglow-import-\(String(UInt64.random(in: 0 ... .max), radix: 36)).safetensors")
    }

    /// The score of each image by itself.
    static func scores(_ glow: Glow, _ probe: PreparedProbe, parallelism: Parallelism) throws -> [ProbeScore] {
        var scores: [ProbeScore] = []
        for group in probe.groups {
            let n = group.shape.count
            let capacity = min(group.images.count, Glow.likelihoodBatch)
            let point = try glow.makeLinearization(imageShape: group.shape, capacity: capacity, parallelism: parallelism)
            let values = AlignedBuffer<Float>(count: capacity * n)
            let logDeterminants = AlignedBuffer<Double>(count: capacity)
            for first in stride(from: 0, to: group.images.count, by: capacity) {
                let batch = min(capacity, group.images.count - first)
                for image in 0 ..< batch {
                    group.images[first + image].withUnsafeBufferPointer { source in
                        if let base = source.baseAddress { (values.base + image * n).update(from: base, count: n) }
                    }
                }
                glow.forward(values.base, count: batch, recording: point, into: values.base, logDeterminants: logDeterminants.base)
                for image in 0 ..< batch {
                    let latent = UnsafeBufferPointer(start: values.base + image * n, count: n)
                    scores.append(ProbeScore(latent, logDeterminants.base[image], probe, levels: glow.architecture.levels))
                }
            }
        }
        return scores
    }

    /// Of one image's latent and log-determinant.
    init(_ latent: some RandomAccessCollection<Float>, _ logDeterminant: Double, _ probe: PreparedProbe, levels: Int) {
        let n = latent.count
        let energy = latent.reduce(0.0) { $0 + Double($1) * Double($1) }
        let likelihood = -energy / 2 + logDeterminant - Double(n) / 2 * log(2 * Double.pi)
        // The last block has what the finer levels have left, and its second half has been moved last.
        let moved = latent.suffix((n >> (levels - 1)) / 2)
        let square = moved.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, moved.count))
        self.init(bits: probe.bits(logLikelihood: likelihood, count: n), meanSquare: square)
    }
}

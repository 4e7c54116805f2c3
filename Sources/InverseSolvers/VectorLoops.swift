import KernelInterface

/// The routines of `VectorMath` over vectors of any length, in blocks that threads share.
///
/// Sums are those of the blocks, added in their order: so a result does not depend on the number of threads. A vector of one block is
/// done at once, by the caller.
package struct VectorLoops: Sendable {
    /// Numbers of a block: enough that a thread has some microseconds of work.
    package static let block = 1 << 15

    /// Who shares the blocks of long vectors.
    let parallelism: Parallelism

    package init(_ parallelism: Parallelism = .serial) {
        self.parallelism = parallelism
    }

    /// Whether vectors of this count have blocks to share, so that they want all threads for themselves.
    package static func shares(_ count: Int) -> Bool { count > 2 * block }

    package func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
        guard count > Self.block else { return VectorMath.dot(a, b, count: count) }
        let blocks = (count + Self.block - 1) / Self.block
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) { sums in
            forEachBlock(count, DotLoop(a: a, b: b, count: count, sums: sums))
            return sums.reduce(0, +)
        }
    }

    package func add(
        _ a: UnsafePointer<Float>, _ scale: Double, times b: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, count: Int
    ) {
        guard count > Self.block else { return VectorMath.add(a, scale, times: b, into: result, count: count) }
        forEachBlock(count, AddLoop(a: a, scale: scale, b: b, result: result, count: count))
    }

    package func scale(_ scale: Double, _ a: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, count: Int) {
        guard count > Self.block else { return VectorMath.scale(scale, a, into: result, count: count) }
        forEachBlock(count, ScaleLoop(scale: scale, a: a, result: result, count: count))
    }

    package func copy(_ a: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, count: Int) {
        guard count > Self.block else { return result.update(from: a, count: count) }
        forEachBlock(count, CopyLoop(a: a, result: result, count: count))
    }

    package func maximumMagnitude(_ a: UnsafePointer<Float>, count: Int) -> Float {
        guard count > Self.block else { return VectorMath.maximumMagnitude(a, count: count) }
        let blocks = (count + Self.block - 1) / Self.block
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: blocks) { largest in
            forEachBlock(count, MagnitudeLoop(a: a, count: count, largest: largest))
            return largest.reduce(0) { max($0, $1) }
        }
    }

    /// Runs a loop with a task for each block of `count` numbers.
    func forEachBlock(_ count: Int, _ loop: some LoopBody) {
        let blocks = (count + Self.block - 1) / Self.block
        if Self.shares(count) { return parallelism.forEach(blocks, .minimizer, loop) }
        for block in 0 ..< blocks { loop.run(task: block, worker: 0) }
    }

    /// Returns where block number `task` of `count` numbers begins, and how many it has.
    static func range(_ task: Int, of count: Int) -> (start: Int, count: Int) {
        (task * block, min(block, count - task * block))
    }
}

private struct DotLoop: LoopBody {
    let a, b: UnsafePointer<Float>
    let count: Int
    let sums: UnsafeMutableBufferPointer<Double>

    func run(task: Int, worker: Int) {
        let (start, count) = VectorLoops.range(task, of: count)
        sums.initializeElement(at: task, to: VectorMath.dot(a + start, b + start, count: count))
    }
}

private struct AddLoop: LoopBody {
    let a: UnsafePointer<Float>
    let scale: Double
    let b: UnsafePointer<Float>
    let result: UnsafeMutablePointer<Float>
    let count: Int

    func run(task: Int, worker: Int) {
        let (start, count) = VectorLoops.range(task, of: count)
        VectorMath.add(a + start, scale, times: b + start, into: result + start, count: count)
    }
}

private struct ScaleLoop: LoopBody {
    let scale: Double
    let a: UnsafePointer<Float>
    let result: UnsafeMutablePointer<Float>
    let count: Int

    func run(task: Int, worker: Int) {
        let (start, count) = VectorLoops.range(task, of: count)
        VectorMath.scale(scale, a + start, into: result + start, count: count)
    }
}

private struct CopyLoop: LoopBody {
    let a: UnsafePointer<Float>
    let result: UnsafeMutablePointer<Float>
    let count: Int

    func run(task: Int, worker: Int) {
        let (start, count) = VectorLoops.range(task, of: count)
        (result + start).update(from: a + start, count: count)
    }
}

private struct MagnitudeLoop: LoopBody {
    let a: UnsafePointer<Float>
    let count: Int
    let largest: UnsafeMutableBufferPointer<Float>

    func run(task: Int, worker: Int) {
        let (start, count) = VectorLoops.range(task, of: count)
        largest.initializeElement(at: task, to: VectorMath.maximumMagnitude(a + start, count: count))
    }
}

import Reglow

/// How fast numbers come from memory and go there: the triad a[i] = b[i] + s c[i] on arrays that fit no cache.
struct MemoryBandwidth: Codable {
    let threads: Int
    /// 10^9 bytes a second, two numbers read and one written for each i. A processor that reads a before it writes it moves
    /// a third more than is counted here.
    let gigabytesPerSecond: Double

    enum CodingKeys: String, CodingKey {
        case threads
        case gigabytesPerSecond = "gigabytes_per_second"
    }

    /// Floats of one array: 128 MiB.
    private static let count = 1 << 25
    /// Floats of a task: 1 MiB.
    private static let block = 1 << 18

    private typealias Vector = SIMD16<Float>

    /// One measurement for each of `threadCounts`, on the same arrays.
    static func measure(threadCounts: [Int]) -> [MemoryBandwidth] {
        let a = AlignedBuffer<Float>(count: count)
        let b = AlignedBuffer<Float>(count: count)
        let c = AlignedBuffer<Float>(count: count)
        return threadCounts.map { threads in
            let parallelism = Parallelism(threads: threads)
            let seconds = fastest(of: 10) {
                parallelism.forEach(count / block) { task, _ in
                    let first = task * block
                    triad(a.base + first, b.base + first, c.base + first)
                }
            }
            return MemoryBandwidth(
                threads: threads,
                gigabytesPerSecond: 3 * Double(count * MemoryLayout<Float>.stride) / seconds * 1e-9)
        }
    }

    /// One block; the pointers are aligned to a cache line.
    private static func triad(
        _ a: UnsafeMutablePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>
    ) {
        let vectors = block / Vector.scalarCount
        a.withMemoryRebound(to: Vector.self, capacity: vectors) { a in
            b.withMemoryRebound(to: Vector.self, capacity: vectors) { b in
                c.withMemoryRebound(to: Vector.self, capacity: vectors) { c in
                    for i in 0 ..< vectors { a[i] = b[i] + 3 * c[i] }
                }
            }
        }
    }
}

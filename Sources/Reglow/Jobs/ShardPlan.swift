import Files
import Imaging

/// Which shard does which image of a job: as much work for each, by pixels and problem.
///
/// The costliest image goes first, to the shard that has the least work so far; of equal ones the first. So the division depends on the costs
/// alone, and no shard has more than the others by more than one image. It is made once and kept in the folder of the job, since files that
/// change between two calls must not move images from one shard to another.
package struct ShardPlan {
    /// The shard of each image, in the order of the jobs.
    package let shards: [UInt16]

    package init(costs: [Double], count: Int) {
        var shards = [UInt16](repeating: 0, count: costs.count)
        let order = costs.indices.sorted { (costs[$0], $1) > (costs[$1], $0) }
        // A heap of shards, the least loaded on top.
        var heap = (0 ..< count).map { (load: 0.0, shard: $0) }
        func isBefore(_ a: Int, _ b: Int) -> Bool { (heap[a].load, heap[a].shard) < (heap[b].load, heap[b].shard) }
        for job in order {
            shards[job] = UInt16(heap[0].shard)
            heap[0].load += costs[job]
            var place = 0
            while true {
                let least = [place, 2 * place + 1, 2 * place + 2].filter { $0 < count }.min { isBefore($0, $1) } ?? place
                if least == place { break }
                heap.swapAt(place, least)
                place = least
            }
        }
        self.shards = shards
    }

    private init(shards: [UInt16]) { self.shards = shards }

    /// The plan in a file; nil where there is none, or none for so many images.
    ///
    /// - Throws: `FileError` that names the file.
    package static func read(_ path: String, jobs: Int, count: Int) throws -> ShardPlan? {
        guard FolderEntries.exists(path) else { return nil }
        let bytes = try FileBytes.read(path)
        guard bytes.count == 2 * jobs else { throw FileError(path: path, reason: "is not the shard plan of these images") }
        let shards = (0 ..< jobs).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
        guard shards.allSatisfy({ $0 < count }) else { throw FileError(path: path, reason: "is not a plan of \(count) shards") }
        return ShardPlan(shards: shards)
    }

    /// Writes the shard of each image as a number of 16 bits, the lower byte first.
    ///
    /// - Throws: `FileError` that names the file.
    package func write(to path: String, _ durability: AtomicFile.Durability) throws {
        try AtomicFile.write(shards.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }, to: path, durability)
    }
}

import KernelInterface

/// Which image stands at each place of the training: every epoch is a shuffled order of all images.
///
/// The places 0, 1, 2, ... run through all batches. Place p belongs to epoch p / count, whose order is a Fisher-Yates shuffle
/// drawn from the seed and the epoch alone, so any place can be asked for at any time.
struct EpochOrder: Sendable {
    let seed: UInt64
    let count: Int

    /// The epoch asked for last, and its order.
    private var current: (epoch: UInt64, order: [Int])?

    init(seed: UInt64, count: Int) {
        self.seed = seed
        self.count = count
    }

    mutating func image(at place: UInt64) -> Int {
        let (epoch, position) = place.quotientAndRemainder(dividingBy: UInt64(count))
        let order = order(of: epoch)
        return order[Int(position)]
    }

    private mutating func order(of epoch: UInt64) -> [Int] {
        if let current, current.epoch == epoch { return current.order }
        var generator = SeededGenerator(seed: seed, stream: .epochOrder, index: epoch)
        var order = Array(0 ..< count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(last, generator.nextIndex(below: last + 1))
        }
        current = (epoch, order)
        return order
    }
}

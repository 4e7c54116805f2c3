import Synchronization

/// Counts that several threads add to.
final class Counts: Sendable {
    /// Numbers of threads, also more than there are processors.
    static let threads = [1, 2, 3, 8, 64]

    private let counts: Mutex<[Int]>

    init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }

    func add(_ index: Int) { counts.withLock { $0[index] += 1 } }

    var values: [Int] { counts.withLock { $0 } }
}

import KernelDispatch

/// The memory that a process may take as a whole.
package enum MemoryLimit {
    /// Part of the free memory that is left to others.
    private static let margin = 0.1
    /// Bytes that are left besides.
    private static let reserve = 32 << 20

    /// Bytes of the process: what was asked for, and no more than it can have by the machine, its cgroups and ulimit; nil where neither is known.
    ///
    /// - Parameter threads: that may still be started.
    package static func bytes(asked: Int?, threads: Int) -> Int? {
        let available = AvailableMemory.bytes(threads: threads).map { free in
            AvailableMemory.resident().now + Int(Double(free) * (1 - margin)) - reserve
        }
        guard let asked else { return available }
        return min(asked, available ?? asked)
    }
}

import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Zeroed memory that buffers of one life are cut from, in large pages where the system has them (transparent huge pages).
///
/// The system clears and maps memory page by page, as each is written to first. In large pages it does so 512 times less often, and a processor
/// that walks through all of it looks up fewer of them.
package final class MemoryArena: @unchecked Sendable {
    private static let pageBytes = 2 << 20

    /// Nil where there is none.
    private let base: UnsafeMutableRawPointer?
    private let mapping: (start: UnsafeMutableRawPointer, bytes: Int)?
    private let bytes: Int
    private let taken = Atomic<Int>(0)

    /// An arena for so many bytes; of less than a large page, or where the system does not give them, it has none.
    package init(bytes: Int) {
        let (whole, overflow) = max(0, bytes).addingReportingOverflow(2 * Self.pageBytes)
        guard bytes >= Self.pageBytes, !overflow,
            let start = mmap(nil, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED
        else {
            (base, mapping, self.bytes) = (nil, nil, 0)
            return
        }
        let aligned = UnsafeMutableRawPointer(start).alignedUp(toMultipleOf: Self.pageBytes)
        base = aligned
        mapping = (start, whole)
        self.bytes = (bytes + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
        // A system without large pages refuses, and nothing is lost.
        madvise(aligned, self.bytes, MADV_HUGEPAGE)
    }

    deinit {
        if let mapping { munmap(mapping.start, mapping.bytes) }
    }

    /// So many bytes, aligned to cache lines, for as long as the arena lives; nil where it has not as many left. Any thread may ask.
    func take(bytes: Int) -> UnsafeMutableRawPointer? {
        guard let base else { return nil }
        let lines = (bytes + 63) / 64 * 64
        let (_, end) = taken.add(lines, ordering: .relaxed)
        return end <= self.bytes ? base + (end - lines) : nil
    }
}

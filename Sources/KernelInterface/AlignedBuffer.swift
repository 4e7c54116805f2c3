#if canImport(Glibc)
    import Glibc
#endif

/// Memory of `count` trivial elements, aligned to a cache line, zeroed at first and freed with the object.
///
/// The one owner of raw memory in Reglow: kernels get `base` or a view made from it.
public final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    /// The elements.
    public let count: Int
    /// The first element, at a multiple of `alignment`.
    public let base: UnsafeMutablePointer<Element>

    /// Bytes of a cache line, and of the widest vector.
    public static var alignment: Int { 64 }

    /// What the memory is cut from; nil where it is the buffer's own.
    private let arena: MemoryArena?

    /// Where the system has not that much memory, the process ends with one line on standard error and exit code 1: hardly a caller could do
    /// without. Whoever takes much looks before whether it is there (`AvailableMemory`).
    public convenience init(count: Int) { self.init(count: count, in: nil) }

    /// Cuts the memory from an arena, as far as that has it.
    package init(count: Int, in arena: MemoryArena?) {
        self.count = max(0, count)
        let (size, overflow) = self.count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        let bytes = overflow ? Int.max / 2 : max((size + Self.alignment - 1) / Self.alignment * Self.alignment, Self.alignment)
        if let arena, let part = arena.take(bytes: bytes) {
            self.arena = arena
            base = part.bindMemory(to: Element.self, capacity: self.count)
            return
        }
        self.arena = nil
        var raw: UnsafeMutableRawPointer?
        guard posix_memalign(&raw, Self.alignment, bytes) == 0, let raw else {
            let message = "Error: out of memory: \(bytes) bytes more could not be taken\n"
            _ = message.withCString { write(STDERR_FILENO, $0, strlen($0)) }
            exit(1)
        }
        memset(raw, 0, bytes)
        base = raw.bindMemory(to: Element.self, capacity: self.count)
    }

    deinit {
        if arena == nil { free(base) }
    }

    /// The bytes of all elements.
    public var bytes: Int { count * MemoryLayout<Element>.stride }
}

extension AlignedBuffer {
    /// Copies the values to the front; what is behind them stays. There are not more values than elements.
    package func fill(_ values: some Sequence<Element>) {
        for (index, value) in values.enumerated() { base[index] = value }
    }

    /// The same for an array, in one piece.
    package func fill(_ values: [Element]) {
        values.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { base.update(from: start, count: source.count) }
        }
    }
}

#if canImport(Glibc)
import Glibc
#endif

/// Memory of `count` trivial elements, aligned to a cache line, zeroed at first and freed with the object.
///
/// The one owner of raw memory in Reglow: kernels get `base` or a view made from it.
public final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    public let count: Int
    public let base: UnsafeMutablePointer<Element>

    /// Bytes of a cache line, and of the widest vector.
    public static var alignment: Int { 64 }

    public init(count: Int) {
        self.count = max(0, count)
        let bytes = (self.count * MemoryLayout<Element>.stride + Self.alignment - 1) / Self.alignment * Self.alignment
        let raw = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, Self.alignment), alignment: Self.alignment)
        memset(raw, 0, max(bytes, Self.alignment))
        base = raw.bindMemory(to: Element.self, capacity: self.count)
    }

    deinit { UnsafeMutableRawPointer(base).deallocate() }

    public var bytes: Int { count * MemoryLayout<Element>.stride }
}

import CPUFeatures
import KernelInterface

/// Reads a vector of pixels; no alignment is asked of the pointer.
@inline(__always)
func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
}

@inline(__always)
func load(_ pointer: UnsafeMutablePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
}

@inline(__always)
func store(_ value: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: Vector.self)
}

/// Bits of the `index`-th vector of a row of lane bits.
@inline(__always)
func loadBits(_ row: UnsafePointer<UInt8>, _ index: Int) -> LaneBits {
    UnsafeRawPointer(row).loadUnaligned(fromByteOffset: index * MemoryLayout<LaneBits>.size, as: LaneBits.self)
}

@inline(__always)
func storeBits(_ bits: LaneBits, _ row: UnsafeMutablePointer<UInt8>, _ index: Int) {
    UnsafeMutableRawPointer(row).storeBytes(
        of: bits, toByteOffset: index * MemoryLayout<LaneBits>.size, as: LaneBits.self)
}

@inline(__always)
func loadPairs(_ pointer: UnsafePointer<Float>) -> Pairs {
    UnsafeRawPointer(pointer).loadUnaligned(as: Pairs.self)
}

@inline(__always)
func storePairs(_ value: Pairs, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: value, as: Pairs.self)
}

/// Asks for the cache lines of `words` words, into the second-level cache. The memory need not be readable.
@inline(__always)
func prefetch(_ pointer: UnsafePointer<Float>, words: Int) {
    let line = AlignedBuffer<Float>.alignment / MemoryLayout<Float>.stride
    for word in stride(from: 0, to: words, by: line) { reglow_prefetch(pointer + word) }
}

import CPUFeatures
import KernelInterface

/// Eight lanes, which the compiler splits over the registers that there are (two of SSE2 or NEON).
typealias Vector = SIMD8<Float>
typealias LaneBits = UInt8

/// Register tile: 4 rows x 2 vectors of two registers each.
typealias RegisterColumn = RegisterColumn4
/// NC / lanes: vectors of pixels that go through the three products of a coupling network together.
let vectorsPerPanel = 8

/// a * b + c, rounded twice: without an FMA instruction the fused form is a library call per lane.
@inline(__always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { a * b + c }

/// Bit i is set where lane i is greater than zero.
@inline(__always)
func positiveLanes(_ v: Vector) -> LaneBits { reglow_positive8(v) }

/// Lane i of `v` where bit i is set, zero elsewhere.
@inline(__always)
func keep(_ v: Vector, _ bits: LaneBits) -> Vector { reglow_keep8(v, bits) }

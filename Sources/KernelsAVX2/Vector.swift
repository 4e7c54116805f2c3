import CPUFeatures
import KernelInterface

/// Eight lanes of one ymm register.
typealias Vector = SIMD8<Float>
typealias LaneBits = UInt8

/// Register tile: 4 rows x 2 vectors = 8 accumulators, 2 operands, 4 broadcasts of 16 registers. Three vectors would spill.
typealias RegisterColumn = RegisterColumn4
/// NC / lanes: vectors of pixels that go through the three products of a coupling network together.
let vectorsPerPanel = 8

/// a * b + c, rounded once.
@inline(__always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c.addingProduct(a, b) }

/// Bit i is set where lane i is greater than zero.
@inline(__always)
func positiveLanes(_ v: Vector) -> LaneBits { reglow_positive8(v) }

/// Lane i of `v` where bit i is set, zero elsewhere.
@inline(__always)
func keep(_ v: Vector, _ bits: LaneBits) -> Vector { reglow_keep8(v, bits) }

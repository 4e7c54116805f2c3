import CPUFeatures
import KernelInterface

let instructionSetName = "avx2"

/// Eight lanes of one ymm register.
typealias Vector = SIMD8<Float>
typealias LaneBits = UInt8
/// A word of 32 bits for each pixel: the bfloat16 of an even row in the lower half, of the odd row after it in the upper half.
typealias Pairs = SIMD8<UInt32>

/// Register tile: 4 rows x 2 vectors = 8 accumulators, 2 operands, 4 broadcasts of 16 registers. Three vectors would spill.
typealias RegisterColumn = RegisterColumn4
/// NC / lanes: vectors of pixels that go through the three products of a coupling network together.
let vectorsPerPanel = 8

/// Chains of the peak measurement: two FMA units with a latency of four cycles.
let peakChains = 8

/// a * b + c, rounded once.
@inline(__always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c.addingProduct(a, b) }

/// Bit i is set where lane i is greater than zero.
@inline(__always)
func positiveLanes(_ v: Vector) -> LaneBits { reglow_positive8(v) }

/// Lane i of `v` where bit i is set, zero elsewhere.
@inline(__always)
func keep(_ v: Vector, _ bits: LaneBits) -> Vector { reglow_keep8(v, bits) }

/// sum + the dot product of a pair of weights with each pair of x.
@inline(__always)
func dotPairs(_ sum: Vector, _ weights: UInt32, _ x: Pairs) -> Vector { dotPairsInFloat32(sum, weights, x) }

/// Both rows rounded to bfloat16.
@inline(__always)
func packPairs(even: Vector, odd: Vector) -> Pairs { packPairsInIntegers(even: even, odd: odd) }

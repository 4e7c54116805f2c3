import KernelInterface

/// A vector of a minimizer: `count` floats that are written in place, so that an iteration allocates nothing.
///
/// Long vectors are worked on by the threads of their `loops`.
///
/// A reference: two names of one vector are one memory, and exchanging two vectors exchanges the names.
package final class Vector {
    package let count: Int
    private let memory: AlignedBuffer<Float>
    private let loops: VectorLoops

    /// The zero vector.
    package init(count: Int, loops: VectorLoops = VectorLoops()) {
        self.count = count
        self.loops = loops
        memory = AlignedBuffer(count: count)
    }

    package convenience init(_ values: [Float], loops: VectorLoops = VectorLoops()) {
        self.init(count: values.count, loops: loops)
        for (index, value) in values.enumerated() { memory.base[index] = value }
    }

    /// The elements, for reading; valid while the vector is.
    package var elements: UnsafePointer<Float> { UnsafePointer(memory.base) }

    /// The elements, for writing; valid while the vector is.
    package var mutableElements: UnsafeMutablePointer<Float> { memory.base }

    package var array: [Float] { Array(UnsafeBufferPointer(start: elements, count: count)) }

    /// self = the `count` floats at `source`.
    package func set(from source: UnsafePointer<Float>) {
        loops.copy(source, into: memory.base, count: count)
    }

    /// self = 0
    package func clear() { memory.base.update(repeating: 0, count: count) }

    /// self = a
    package func set(_ a: Vector) { set(from: a.elements) }

    /// self = scale * a
    package func set(_ scale: Double, times a: Vector) {
        loops.scale(scale, a.elements, into: memory.base, count: count)
    }

    /// self = a + scale * b
    package func set(_ a: Vector, plus scale: Double, times b: Vector) {
        loops.add(a.elements, scale, times: b.elements, into: memory.base, count: count)
    }

    /// self = a - b
    package func set(_ a: Vector, minus b: Vector) { set(a, plus: -1, times: b) }

    /// self += scale * a
    package func add(_ scale: Double, times a: Vector) { set(self, plus: scale, times: a) }

    /// self *= scale
    package func multiply(by scale: Double) { set(scale, times: self) }

    package func dot(_ other: Vector) -> Double { loops.dot(elements, other.elements, count: count) }

    /// The Euclidean norm.
    package var norm: Double { dot(self).squareRoot() }

    package var maximumMagnitude: Double { Double(loops.maximumMagnitude(elements, count: count)) }
}

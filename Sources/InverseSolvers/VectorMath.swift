import KernelDispatch
import KernelInterface

/// The few vector routines of the solvers, over `count` floats at any address.
///
/// The bits of a result depend on the numbers alone: not on the instruction set, which is therefore the best of the processor
/// whatever kernels a flow runs on.
package enum VectorMath {
    private static let kernels = ((try? InstructionSet.selected()) ?? .portable).table

    typealias Block = SIMD8<Float>
    static var blockSize: Int { 8 }

    /// sum_i a_i b_i. Not finite exactly when an element of `a` or `b` makes it so: no product of two floats
    /// overflows a Double.
    package static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
        kernels.dot(a, b, count)
    }

    /// result = a + scale * b. `result` may be `a` or `b`.
    package static func add(
        _ a: UnsafePointer<Float>, _ scale: Double, times b: UnsafePointer<Float>,
        into result: UnsafeMutablePointer<Float>, count: Int
    ) {
        kernels.addScaled(a, Float(scale), b, result, count)
    }

    /// result = scale * a. `result` may be `a`.
    package static func scale(
        _ scale: Double, _ a: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, count: Int
    ) {
        let factor = Float(scale)
        let whole = count - count % blockSize
        for start in stride(from: 0, to: whole, by: blockSize) {
            store(load(a + start) * factor, result + start)
        }
        for index in whole ..< max(whole, count) {
            result[index] = a[index] * factor
        }
    }

    /// max_i |a_i| of the elements that are numbers, 0 for none.
    package static func maximumMagnitude(_ a: UnsafePointer<Float>, count: Int) -> Float {
        let whole = count - count % blockSize
        var largest = Block.zero
        for start in stride(from: 0, to: whole, by: blockSize) {
            let block = load(a + start)
            largest.replace(with: block, where: block .> largest)
            largest.replace(with: -block, where: -block .> largest)
        }
        for index in whole ..< max(whole, count) where abs(a[index]) > largest[0] { largest[0] = abs(a[index]) }
        return largest.max()
    }

    static func load(_ address: UnsafePointer<Float>) -> Block {
        UnsafeRawPointer(address).loadUnaligned(as: Block.self)
    }

    static func store(_ block: Block, _ address: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(address).storeBytes(of: block, as: Block.self)
    }
}

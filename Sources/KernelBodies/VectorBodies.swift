import KernelInterface

/// Eight lanes whatever the processor has: the order of a sum is part of its result.
private typealias Block = SIMD8<Float>

/// See `KernelTable.dot`.
func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
    let whole = count - count % Block.scalarCount
    var sums = SIMD8<Double>.zero
    for start in stride(from: 0, to: whole, by: Block.scalarCount) {
        sums += SIMD8<Double>(loadBlock(a + start)) * SIMD8<Double>(loadBlock(b + start))
    }
    for index in whole ..< max(whole, count) {
        sums[index - whole] += Double(a[index]) * Double(b[index])
    }
    let quarters = sums.lowHalf + sums.highHalf
    let pairs = quarters.lowHalf + quarters.highHalf
    return pairs[0] + pairs[1]
}

/// See `KernelTable.addScaled`.
func addScaled(
    _ a: UnsafePointer<Float>, _ scale: Float, _ b: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, count: Int
) {
    let whole = count - count % Block.scalarCount
    for start in stride(from: 0, to: whole, by: Block.scalarCount) {
        UnsafeMutableRawPointer(result + start).storeBytes(
            of: loadBlock(b + start) * scale + loadBlock(a + start), as: Block.self)
    }
    for index in whole ..< max(whole, count) {
        result[index] = b[index] * scale + a[index]
    }
}

@inline(__always)
private func loadBlock(_ address: UnsafePointer<Float>) -> Block {
    UnsafeRawPointer(address).loadUnaligned(as: Block.self)
}

import KernelInterface

/// See `PatchGather`.
func gatherPatches(_ g: borrowing PatchGather, vectors: Int) {
    if g.precision == .bf16 {
        gatherPackedPatches(g, vectors: vectors)
        return
    }
    for channel in 0 ..< g.channels {
        let source = g.source + channel * g.sourceStride
        var output = g.output + 9 * channel * g.outputStride
        for tap in 0 ..< 9 {
            for v in 0 ..< vectors {
                store(neighbour(g.neighbourhood, source, tap, v), output + v * Vector.scalarCount)
            }
            output += g.outputStride
        }
    }
}

/// Two rows of the patches at a time.
private func gatherPackedPatches(_ g: borrowing PatchGather, vectors: Int) {
    let rows = 9 * g.channels
    for pair in 0 ..< (rows + 1) / 2 {
        let (even, odd) = (2 * pair, 2 * pair + 1)
        let evenSource = g.source + even / 9 * g.sourceStride
        let oddSource = g.source + odd / 9 * g.sourceStride
        let output = g.output + pair * g.outputStride
        for v in 0 ..< vectors {
            let first = neighbour(g.neighbourhood, evenSource, even % 9, v)
            let second = odd < rows ? neighbour(g.neighbourhood, oddSource, odd % 9, v) : Vector(repeating: 0)
            storePairs(packPairs(even: first, odd: second), output + v * Vector.scalarCount)
        }
    }
}

/// The pixels of a vector at a tap, zero where that lies outside of the image.
@inline(__always)
private func neighbour(
    _ neighbourhood: Neighbourhood, _ plane: UnsafePointer<Float>, _ tap: Int, _ vector: Int
) -> Vector {
    let pixels = load(plane + neighbourhood.offsets[tap] + vector * Vector.scalarCount)
    return keep(pixels, loadBits(neighbourhood.bits + tap * neighbourhood.bitsStride, vector))
}

/// See `ShiftAdd`.
func shiftAdd(_ s: borrowing ShiftAdd, vectors: Int) {
    for channel in 0 ..< s.channels {
        let taps = s.taps + 9 * channel * s.tapsStride
        let target = s.target + channel * s.targetStride
        for v in 0 ..< vectors {
            let pixel = v * Vector.scalarCount
            var sum = Vector(repeating: s.start[channel])
            for tap in 0 ..< 9 {
                sum += neighbour(s.neighbourhood, taps + tap * s.tapsStride, tap, v)
            }
            sum *= s.weight
            store(s.accumulates ? load(target + pixel) + sum : sum, target + pixel)
        }
    }
}

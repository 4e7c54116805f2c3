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
    guard g.gathersBorder else { return }
    for tap in 0 ..< 9 {
        let output = g.output + (9 * g.channels + tap) * g.outputStride
        for v in 0 ..< vectors { store(outside(g.neighbourhood, tap, v), output + v * Vector.scalarCount) }
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
    guard g.gathersBorder else { return }
    // Where the rows of the channels are odd in number, the last of them is paired with the first of the border.
    for pair in rows / 2 ..< (rows + 10) / 2 {
        let output = g.output + pair * g.outputStride
        for v in 0 ..< vectors {
            let (even, odd) = (patchRow(g, 2 * pair, v), patchRow(g, 2 * pair + 1, v))
            storePairs(packPairs(even: even, odd: odd), output + v * Vector.scalarCount)
        }
    }
}

/// A row of the patches, of a channel or of the border; zero behind the last.
@inline(__always)
private func patchRow(_ g: borrowing PatchGather, _ row: Int, _ vector: Int) -> Vector {
    let rows = 9 * g.channels
    if row < rows { return neighbour(g.neighbourhood, g.source + row / 9 * g.sourceStride, row % 9, vector) }
    return row < rows + 9 ? outside(g.neighbourhood, row - rows, vector) : Vector(repeating: 0)
}

/// The pixels of a vector at a tap, zero where that lies outside of the image.
@inline(__always)
private func neighbour(
    _ neighbourhood: Neighbourhood, _ plane: UnsafePointer<Float>, _ tap: Int, _ vector: Int
) -> Vector {
    let pixels = load(plane + neighbourhood.offsets[tap] + vector * Vector.scalarCount)
    return keep(pixels, loadBits(neighbourhood.bits + tap * neighbourhood.bitsStride, vector))
}

/// 1 where a tap lies outside of the image, 0 inside.
@inline(__always)
private func outside(_ neighbourhood: Neighbourhood, _ tap: Int, _ vector: Int) -> Vector {
    1 - keep(Vector(repeating: 1), loadBits(neighbourhood.bits + tap * neighbourhood.bitsStride, vector))
}

/// See `ShiftAdd`.
func shiftAdd(_ s: borrowing ShiftAdd, vectors: Int) {
    if let border = s.border { return shiftAdd(s, vectors, border: border) }
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

/// The same where taps outside of the image are not zero.
private func shiftAdd(_ s: borrowing ShiftAdd, _ vectors: Int, border: UnsafePointer<Float>) {
    for channel in 0 ..< s.channels {
        let taps = s.taps + 9 * channel * s.tapsStride
        let target = s.target + channel * s.targetStride
        for v in 0 ..< vectors {
            let pixel = v * Vector.scalarCount
            var sum = Vector(repeating: s.start[channel])
            for tap in 0 ..< 9 {
                sum += neighbour(s.neighbourhood, taps + tap * s.tapsStride, tap, v)
                sum += outside(s.neighbourhood, tap, v) * border[9 * channel + tap]
            }
            sum *= s.weight
            store(s.accumulates ? load(target + pixel) + sum : sum, target + pixel)
        }
    }
}

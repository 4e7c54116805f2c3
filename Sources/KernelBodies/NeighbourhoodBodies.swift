import KernelInterface

/// See `PatchGather`.
func gatherPatches(_ g: borrowing PatchGather, vectors: Int) {
    for channel in 0 ..< g.channels {
        let source = g.source + channel * g.sourceStride
        var output = g.output + 9 * channel * g.outputStride
        for tap in 0 ..< 9 {
            let neighbour = source + g.neighbourhood.offsets[tap]
            let bits = g.neighbourhood.bits + tap * g.neighbourhood.bitsStride
            for v in 0 ..< vectors {
                let pixel = v * Vector.scalarCount
                store(keep(load(neighbour + pixel), loadBits(bits, v)), output + pixel)
            }
            output += g.outputStride
        }
    }
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
                let neighbour = taps + tap * s.tapsStride + s.neighbourhood.offsets[tap] + pixel
                sum += keep(load(neighbour), loadBits(s.neighbourhood.bits + tap * s.neighbourhood.bitsStride, v))
            }
            sum *= s.weight
            store(s.accumulates ? load(target + pixel) + sum : sum, target + pixel)
        }
    }
}

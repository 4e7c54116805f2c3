import CPUFeatures
import KernelInterface

/// See `PanelTranspose`.
func transposePanel(_ t: borrowing PanelTranspose, tiles: Int, vectors: Int) {
    let edge = PackedMatrix.edge
    let pixels = vectors * Vector.scalarCount
    for tile in 0 ..< tiles {
        let output = t.output + tile * t.tileStride
        let sums = t.sums.map { $0 + tile * edge }
        switch t.precision {
        case .fp32:
            reglow_turn_rows8(t.input + tile * edge * t.inputStride, t.inputStride, output, t.pixelStride, pixels, sums)
        case .bf16:
            reglow_turn_pairs8(t.input + tile * edge / 2 * t.inputStride, t.inputStride, output, t.pixelStride, pixels, sums)
        }
    }
}

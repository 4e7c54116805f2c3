import KernelInterface

/// The kernels of this instruction set.
package func kernelTable() -> KernelTable {
    KernelTable(
        name: instructionSetName, lanes: Vector.scalarCount, vectorsPerPanel: vectorsPerPanel, registerRows: RegisterColumn.rows,
        product: { pointwiseProduct($0, rowTiles: $1, vectors: $2) },
        gather: { gatherPatches($0, vectors: $1) },
        shiftAdd: { shiftAdd($0, vectors: $1) },
        transpose: { transposePanel($0, tiles: $1, vectors: $2) },
        affineForward: { affineForward($0, vectors: $1) },
        affineInverse: { affineInverse($0, vectors: $1) },
        affineForwardJVP: { affineForwardJVP($0, vectors: $1) },
        affineForwardVJP: { affineForwardVJP($0, vectors: $1) },
        affineInverseJVP: { affineInverseJVP($0, vectors: $1) },
        affineInverseVJP: { affineInverseVJP($0, vectors: $1) },
        dot: { dot($0, $1, count: $2) },
        addScaled: { addScaled($0, $1, $2, $3, count: $4) },
        peak: { multiplyAddPeak(repetitions: $0) }, peakOperations: multiplyAddPeakOperations,
        pairPeak: { dotPairsPeak(repetitions: $0) }, pairPeakOperations: dotPairsPeakOperations)
}

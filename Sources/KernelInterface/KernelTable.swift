/// The kernels of one instruction set and their tile sizes: one stored function per kernel.
///
/// The contracts stand beside the argument types. `vectors` counts vectors of `lanes` pixels.
package struct KernelTable: Sendable {
    /// Name of the instruction set, as `REGLOW_ISA` takes it.
    package let name: String
    /// Pixels of one vector.
    package let lanes: Int
    /// NC / lanes: vectors of a pixel panel, which passes through all products of a network inside the cache.
    package let vectorsPerPanel: Int
    /// MR: output rows of a register tile.
    package let registerRows: Int

    /// Computes the rows of the tiles `rowTiles` for any number of vectors.
    package let product: @Sendable (_ arguments: borrowing PointwiseProduct, _ rowTiles: Range<Int>, _ vectors: Int) -> Void
    package let gather: @Sendable (_ arguments: borrowing PatchGather, _ vectors: Int) -> Void
    package let shiftAdd: @Sendable (_ arguments: borrowing ShiftAdd, _ vectors: Int) -> Void

    /// Transposes the tiles of rows `0 ..< tiles` of a panel.
    package let transpose: @Sendable (_ arguments: borrowing PanelTranspose, _ tiles: Int, _ vectors: Int) -> Void

    /// b to b', from t and r; writes s, slope and log s.
    package let affineForward: @Sendable (_ arguments: borrowing AffineCoupling, _ vectors: Int) -> Void
    /// b' to b, from t and r; writes s and slope.
    package let affineInverse: @Sendable (_ arguments: borrowing AffineCoupling, _ vectors: Int) -> Void
    /// db to db' = s (db + dt) + slope dr, or s db + dt + slope dr.
    package let affineForwardJVP: @Sendable (_ arguments: borrowing AffineCoupling, _ vectors: Int) -> Void
    /// In the forward map b' came from (b, t, r); now the cotangent of b' becomes those of b (in place), t and r (written).
    package let affineForwardVJP: @Sendable (_ arguments: borrowing AffineCoupling, _ vectors: Int) -> Void
    /// db' to db = (db' - slope dr) / s - dt, or (db' - slope dr - dt) / s.
    package let affineInverseJVP: @Sendable (_ arguments: borrowing AffineCoupling, _ vectors: Int) -> Void
    /// In the inverse map b came from (b', t, r); now the cotangent of b becomes those of b' (in place), t and r (written).
    package let affineInverseVJP: @Sendable (_ arguments: borrowing AffineCoupling, _ vectors: Int) -> Void

    /// sum_i a_i b_i of `count` floats at any address. Products are exact, in Double, and summed in eight lanes, lane j taking the
    /// elements j, j + 8, ...; then the lanes are added in one fixed order. The same bits on every instruction set.
    package let dot: @Sendable (_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Double
    /// result = a + scale b for `count` floats at any address, each rounded twice. `result` may be `a` or `b`. The same bits on every
    /// instruction set.
    package let addScaled:
        @Sendable (
            _ a: UnsafePointer<Float>, _ scale: Float, _ b: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ count: Int
        ) -> Void

    /// Runs chains of multiply-adds in registers, `peakOperations` floating-point operations a repetition: the measure of what a
    /// kernel could do at most.
    package let peak: @Sendable (_ repetitions: Int) -> Float
    package let peakOperations: Int
    /// The same for dot products of bfloat16 pairs.
    package let pairPeak: @Sendable (_ repetitions: Int) -> Float
    package let pairPeakOperations: Int

    package init(
        name: String, lanes: Int, vectorsPerPanel: Int, registerRows: Int,
        product: @escaping @Sendable (borrowing PointwiseProduct, Range<Int>, Int) -> Void,
        gather: @escaping @Sendable (borrowing PatchGather, Int) -> Void,
        shiftAdd: @escaping @Sendable (borrowing ShiftAdd, Int) -> Void,
        transpose: @escaping @Sendable (borrowing PanelTranspose, Int, Int) -> Void,
        affineForward: @escaping @Sendable (borrowing AffineCoupling, Int) -> Void,
        affineInverse: @escaping @Sendable (borrowing AffineCoupling, Int) -> Void,
        affineForwardJVP: @escaping @Sendable (borrowing AffineCoupling, Int) -> Void,
        affineForwardVJP: @escaping @Sendable (borrowing AffineCoupling, Int) -> Void,
        affineInverseJVP: @escaping @Sendable (borrowing AffineCoupling, Int) -> Void,
        affineInverseVJP: @escaping @Sendable (borrowing AffineCoupling, Int) -> Void,
        dot: @escaping @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Double,
        addScaled:
            @escaping @Sendable (
                UnsafePointer<Float>, Float, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int
            ) -> Void,
        peak: @escaping @Sendable (Int) -> Float, peakOperations: Int,
        pairPeak: @escaping @Sendable (Int) -> Float, pairPeakOperations: Int
    ) {
        self.name = name
        self.lanes = lanes
        self.vectorsPerPanel = vectorsPerPanel
        self.registerRows = registerRows
        self.product = product
        self.gather = gather
        self.shiftAdd = shiftAdd
        self.transpose = transpose
        self.affineForward = affineForward
        self.affineInverse = affineInverse
        self.affineForwardJVP = affineForwardJVP
        self.affineForwardVJP = affineForwardVJP
        self.affineInverseJVP = affineInverseJVP
        self.affineInverseVJP = affineInverseVJP
        self.dot = dot
        self.addScaled = addScaled
        self.peak = peak
        self.peakOperations = peakOperations
        self.pairPeak = pairPeak
        self.pairPeakOperations = pairPeakOperations
    }
}

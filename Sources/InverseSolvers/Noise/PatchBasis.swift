import Glibc

/// The fine details of square patches: those products of two cosines (the two-dimensional DCT-II, orthonormal) whose two frequencies sum to
/// at least a bound.
///
/// White noise has the same variance in each and no covariance between them, whatever the rest of the patch shows.
package struct PatchBasis {
    /// p, the side of a patch in pixels.
    package let side: Int
    /// How many details there are.
    package let count: Int
    /// Row-major, `count` x p^2.
    package let rows: [Double]
    /// Patches without which a side is not used.
    package let fewestPatches: Int
    /// The fewest patches that a covariance is made of.
    package let smallestSubset: Int

    /// All bases, from the largest side to the smallest.
    package static let all = [
        PatchBasis(side: 5, leastSum: 4, fewestPatches: 300, smallestSubset: 150),
        PatchBasis(side: 4, leastSum: 3, fewestPatches: 150, smallestSubset: 75),
        PatchBasis(side: 3, leastSum: 3, fewestPatches: 60, smallestSubset: 60),
        PatchBasis(side: 2, leastSum: 2, fewestPatches: 16, smallestSubset: 60),
    ]

    private init(side p: Int, leastSum: Int, fewestPatches: Int, smallestSubset: Int) {
        func cosine(_ frequency: Int, _ x: Int) -> Double {
            let scale = (frequency == 0 ? 1 : 2) / Double(p)
            return scale.squareRoot() * cos(.pi * (Double(x) + 0.5) * Double(frequency) / Double(p))
        }
        var rows: [Double] = []
        for u in 0 ..< p {
            for v in 0 ..< p where u + v >= leastSum {
                for i in 0 ..< p { for j in 0 ..< p { rows.append(cosine(u, i) * cosine(v, j)) } }
            }
        }
        side = p
        count = rows.count / (p * p)
        self.rows = rows
        self.fewestPatches = fewestPatches
        self.smallestSubset = smallestSubset
    }
}

/// Eigenvalues and eigenvectors of a small symmetric matrix, by Jacobi's rotations (Golub and Van Loan, "Matrix Computations",
/// section 8.5).
///
/// The bits of the result do not depend on the processor, which those of a linear algebra library do.
package struct SymmetricEigenvalues {
    /// The eigenvalues in falling order.
    package let values: [Double]
    /// `vectors[i]` is the unit eigenvector of `values[i]`.
    package let vectors: [[Double]]

    /// Each sweep rotates every pair of rows once; symmetric matrices of this kind are diagonal to the last bits after about seven.
    private static let mostSweeps = 30

    /// - Parameter matrix: row-major, of `order * order` finite numbers; of its two halves the upper one counts.
    package init(_ matrix: [Double], order n: Int) {
        var a = matrix
        var v = [Double](repeating: 0, count: n * n)
        for i in 0 ..< n {
            v[i * n + i] = 1
            for j in 0 ..< i { a[i * n + j] = a[j * n + i] }
        }
        let total = a.reduce(0) { $0 + $1 * $1 }
        for _ in 0 ..< Self.mostSweeps {
            var beside = 0.0
            for p in 0 ..< n { for q in 0 ..< n where q != p { beside += a[p * n + q] * a[p * n + q] } }
            guard beside > 1e-30 * total else { break }
            for p in 0 ..< n { for q in p + 1 ..< max(n, p + 1) { Self.rotate(&a, &v, p, q, n) } }
        }
        let order = (0 ..< n).sorted { a[$0 * n + $0] == a[$1 * n + $1] ? $0 < $1 : a[$0 * n + $0] > a[$1 * n + $1] }
        values = order.map { a[$0 * n + $0] }
        vectors = order.map { column in (0 ..< n).map { v[$0 * n + column] } }
    }

    /// A rotation in the plane of axes p and q that makes a[p, q] zero.
    private static func rotate(_ a: inout [Double], _ v: inout [Double], _ p: Int, _ q: Int, _ n: Int) {
        guard a[p * n + q] != 0 else { return }
        let theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q])
        let t = (theta >= 0 ? 1 : -1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let cosine = 1 / (t * t + 1).squareRoot()
        let sine = t * cosine
        for k in 0 ..< n {
            let (x, y) = (a[k * n + p], a[k * n + q])
            (a[k * n + p], a[k * n + q]) = (cosine * x - sine * y, sine * x + cosine * y)
        }
        for k in 0 ..< n {
            let (x, y) = (a[p * n + k], a[q * n + k])
            (a[p * n + k], a[q * n + k]) = (cosine * x - sine * y, sine * x + cosine * y)
        }
        for k in 0 ..< n {
            let (x, y) = (v[k * n + p], v[k * n + q])
            (v[k * n + p], v[k * n + q]) = (cosine * x - sine * y, sine * x + cosine * y)
        }
    }
}

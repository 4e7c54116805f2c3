import InverseSolvers
import TestSupport
import Testing

@Suite struct SymmetricEigenvaluesTests {
    /// A v = lambda v and V orthonormal, to some hundred roundings of the largest eigenvalue.
    @Test(arguments: [1, 2, 3, 10, 15]) func theyAreThoseOfTheMatrix(order n: Int) {
        let factor = normalNumbers(n * n, seed: UInt64(n)).map(Double.init)
        let matrix = (0 ..< n * n).map { index in
            (0 ..< n).reduce(0.0) { $0 + factor[index / n * n + $1] * factor[index % n * n + $1] }
        }
        let found = SymmetricEigenvalues(matrix, order: n)
        #expect(found.values == found.values.sorted(by: >))
        let scale = found.values[0]
        for (value, vector) in zip(found.values, found.vectors) {
            for row in 0 ..< n {
                let product = (0 ..< n).reduce(0.0) { $0 + matrix[row * n + $1] * vector[$1] }
                #expect(abs(product - value * vector[row]) < 1e-13 * scale * Double(n))
            }
            for other in found.vectors {
                let product = zip(vector, other).reduce(0.0) { $0 + $1.0 * $1.1 }
                #expect(abs(product - (other == vector ? 1 : 0)) < 1e-13 * Double(n))
            }
        }
    }

    @Test func zeroIsZero() {
        #expect(SymmetricEigenvalues([0, 0, 0, 0], order: 2).values == [0, 0])
    }
}

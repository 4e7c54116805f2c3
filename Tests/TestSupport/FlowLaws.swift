import Testing

// What every flow must satisfy, each law once. Gaps are relative to the largest number that is compared.
//
// A pass of a few steps adds up some hundred numbers per step in single precision. With u = 2^-24 the roundings of such sums
// give gaps of about 1e-6; the matrices of the tests have a condition below 10. A map that forgets a term or takes a wrong
// transpose is wrong by 1e-2 and more. 1e-5, what the golden files are held to, lies between.

/// The largest relative gap that passes.
package let flowTolerance = 1e-5

/// inverse(forward(x)) = x
package func expectInverse(
    _ forward: ([Float]) -> [Float], _ inverse: ([Float]) -> [Float], at x: [Float], within tolerance: Double = flowTolerance,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(relativeGap(inverse(forward(x)), x) <= tolerance, sourceLocation: sourceLocation)
}

/// <J v, w> = <v, J' w>: the law of `expectAdjoint` for the Jacobian of a flow.
package func expectTransposed(
    _ product: ([Float]) -> [Float], _ transposed: ([Float]) -> [Float], tangent v: [Float], cotangent w: [Float],
    within tolerance: Double = flowTolerance, sourceLocation: SourceLocation = #_sourceLocation
) {
    expectAdjoint(product(v), transposed(w), of: v, and: w, within: tolerance, sourceLocation: sourceLocation)
}

/// J v is the derivative of the map along v, by `centralDifference` of a twin in Double.
package func expectDerivative(
    _ found: [Float], of map: ([Double]) -> [Double], at x: [Float], along v: [Float],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let differences = centralDifference(of: map, at: x.map(Double.init), along: v.map(Double.init))
    #expect(relativeGap(found, differences) <= flowTolerance, sourceLocation: sourceLocation)
}

/// log|det J| of the matrix whose columns are the products of J with unit vectors.
///
/// With a relative error of 1e-6 in each column the log-determinant is off by less than n 1e-5 while the condition is below 10.
package func expectLogDeterminant(
    _ logDeterminant: Double, of product: ([Float]) -> [Float], dimension n: Int, sourceLocation: SourceLocation = #_sourceLocation
) {
    let columns = (0 ..< n).map { column in product((0 ..< n).map { $0 == column ? 1 : 0 }).map(Double.init) }
    let dense = ReferenceMatrix(columns: columns).factorized.logAbsDeterminant
    #expect(abs(dense - logDeterminant) <= Double(n) * flowTolerance, sourceLocation: sourceLocation)
}

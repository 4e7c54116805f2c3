import Testing

/// What the gap of `expectAdjoint` is relative to.
package enum AdjointScale {
    /// max(|A x| |y|, |x| |A' y|): for maps whose errors spread over the whole sum.
    case norms
    /// The sum of |(A x)_i y_i| or of |x_i (A' y)_i|, the larger one: for kernels that round each term by itself.
    case terms
}

/// The law of a linear map and its adjoint: <A x, y> = <x, A' y>. A Jacobian J and its transpose are such a pair.
///
/// The inner products are in Double, so the gap is that of the two maps. A map whose entries are wrong by at most e |A| |x| moves
/// its inner product by at most e times the sum of the magnitudes of all terms, so two such maps leave a gap of 2 e; by the
/// inequality of Cauchy and Schwarz it is no larger than 2 e |A x| |y| where nothing cancels. What e is depends on how the map adds
/// up, so the caller derives its bound. A wrong adjoint, such as a border that is not folded back, shows at 1e-3 and more.
///
/// - Parameters:
///   - product: A x.
///   - adjoint: A' y.
package func expectAdjoint(
    _ product: [Float], _ adjoint: [Float], of x: [Float], and y: [Float], within tolerance: Double,
    relativeTo scale: AdjointScale = .norms, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(product.count == y.count && adjoint.count == x.count, sourceLocation: sourceLocation)
    let size =
        switch scale {
        case .norms: max(norm(product) * norm(y), norm(x) * norm(adjoint))
        case .terms: max(magnitude(product, y), magnitude(x, adjoint))
        }
    let gap = abs(inner(product, y) - inner(x, adjoint))
    #expect(gap <= tolerance * size && size > 0, comment, sourceLocation: sourceLocation)
}

/// <a, b>, added up in Double.
package func inner(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

/// The Euclidean norm.
package func norm(_ a: [Float]) -> Double { inner(a, a).squareRoot() }

/// What <a, b> would be if no term were negative.
private func magnitude(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + abs(Double($1.0) * Double($1.1)) }
}

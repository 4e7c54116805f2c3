import Testing

/// The law of every kernel: each number is that of a twin in Double, to so many roundings of what the twin added up.
///
/// A chain of n additions and multiplications, each rounded once, is wrong by at most g times the sum of the magnitudes of its terms
/// with g = n u / (1 - n u) and u = 2^-24, in whatever order it is added up. For n up to 1000 that is below n + 1 roundings of that
/// sum. The caller counts n.
///
/// - Parameter twin: what stands at a row and a column, and the sum of the magnitudes of its terms.
package func expectTwin(
    rows: Int, columns: Int, within bound: Double, found: (_ row: Int, _ column: Int) -> Float,
    twin: (_ row: Int, _ column: Int) -> (value: Double, magnitude: Double), _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    var worst = 0.0
    for row in 0 ..< rows {
        for column in 0 ..< columns {
            let (value, magnitude) = twin(row, column)
            worst = max(worst, roundings(found(row, column), value, magnitude: magnitude))
        }
    }
    #expect(worst <= bound, comment, sourceLocation: sourceLocation)
}

/// (f(x + h v) - f(x - h v)) / 2h in Double: it is wrong by about h^2 and 1e-16 / h, both together 1e-10 for h from 1e-6 to 1e-5.
package func centralDifference(
    of map: ([Double]) -> [Double], at x: [Double], along v: [Double], step h: Double = 1e-6
) -> [Double] {
    func moved(_ distance: Double) -> [Double] { map(zip(x, v).map { $0 + distance * $1 }) }
    return zip(moved(h), moved(-h)).map { ($0 - $1) / (2 * h) }
}

/// The gradient of a function by the central difference in each number, wrong by as much as `centralDifference`.
package func centralGradient(of function: ([Double]) -> Double, at x: [Double], step h: Double = 1e-6) -> [Double] {
    var moved = x
    return x.indices.map { index in
        moved[index] = x[index] + h
        let upper = function(moved)
        moved[index] = x[index] - h
        let lower = function(moved)
        moved[index] = x[index]
        return (upper - lower) / (2 * h)
    }
}

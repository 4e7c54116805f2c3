import ForwardOperators
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct StationaryPosteriorTests {
    private static let shape = ImageShape(channels: 2, height: 4, width: 6)
    private static let weight = 0.05

    private static var operators: [any ForwardOperator] {
        get throws {
            [
                try Identity(imageShape: shape), try Blur(imageShape: shape, pointSpread: .uniform(3), border: .reflect),
                try Mask(imageShape: shape, keep: (0 ..< shape.pixels).map { $0 % 3 != 0 }), BlindOperator(imageShape: shape),
                MatrixOperator(matrix: .normal(rows: 5, columns: shape.count, seed: 3), imageShape: shape),
            ]
        }
    }

    private static func posterior(_ forwardOperator: any ForwardOperator) throws -> StationaryPosterior {
        try StationaryPosterior(
            try WienerPreconditionerTests.prior(shape, shear: 0.7), forwardOperator: forwardOperator, regularizationWeight: weight,
            covariance: nil, parallelism: .serial)
    }

    /// C^-1, column by column from the kinetic energy of sums: v'C^-1 w = K(v + w) - K(v) - K(w).
    private static func precision(_ posterior: StationaryPosterior) -> ReferenceMatrix {
        func unit(_ indices: [Int]) -> Vector {
            var values = [Float](repeating: 0, count: shape.count)
            for index in indices { values[index] += 1 }
            return Vector(values)
        }
        let own = (0 ..< shape.count).map { posterior.kineticEnergy(unit([$0])) }
        return ReferenceMatrix(rows: shape.count, columns: shape.count) { row, column in
            row == column ? 2 * own[row] : posterior.kineticEnergy(unit([row, column])) - own[row] - own[column]
        }
    }

    /// What the energy says of A is A'A / lambda, beside what it says where nothing is seen.
    @Test(arguments: 0 ..< 5) func thePrecisionHasTheOperator(index: Int) throws {
        let forwardOperator = try Self.operators[index]
        let found = Self.precision(try Self.posterior(forwardOperator))
        let blind = Self.precision(try Self.posterior(BlindOperator(imageShape: Self.shape)))
        for column in 0 ..< Self.shape.count {
            var unit = [Float](repeating: 0, count: Self.shape.count)
            unit[column] = 1
            let seen = try forwardOperator.adjoint(forwardOperator.apply(unit))
            for row in 0 ..< Self.shape.count {
                let expected = Double(seen[row]) / Self.weight + blind[row, column]
                #expect(abs(found[row, column] - expected) < 1e-3 * (1 + abs(expected)))
            }
        }
    }

    /// A force is C times the gradient over lambda.
    @Test(arguments: 0 ..< 5) func theForceUndoesThePrecision(index: Int) throws {
        let posterior = try Self.posterior(try Self.operators[index])
        let precision = Self.precision(posterior)
        let v = normalNumbers(Self.shape.count, seed: 8)
        let gradient = (Self.weight * precision) * v.map(Double.init)
        let force = Vector(count: v.count)
        posterior.force(of: Vector(gradient.map { Float($0) }), into: force)
        // What is weak in C^-1 may be far off in the force, which the residual tells little of.
        let again = (Self.weight * precision) * force.array.map(Double.init)
        #expect(relativeError(again.map { Float($0) }, gradient) < 2e-3)
    }

    /// Of many draws v the numbers u'C^-1/2 v along C's own axes would be white; here along some directions: the variance of u'v is u'C u, and what
    /// two directions have in common too.
    @Test(arguments: 0 ..< 5) func drawsHaveTheCovariance(index: Int) throws {
        let posterior = try Self.posterior(try Self.operators[index])
        let covariance = Self.precision(posterior).inverse
        var generator = SeededGenerator(seed: 4, stream: .benchmark)
        let velocity = Vector(count: Self.shape.count)
        let directions = (0 ..< 6).map { normalNumbers(Self.shape.count, seed: 70 + UInt64($0)).map(Double.init) }
        let draws = 6000
        var sums = ReferenceMatrix(rows: 6, columns: 6) { _, _ in 0 }
        var taken = 0
        for _ in 0 ..< draws {
            if posterior.redraw(velocity, &generator) { taken += 1 }
            let v = velocity.array
            let seen = directions.map { direction in zip(direction, v).reduce(0) { $0 + $1.0 * Double($1.1) } }
            for row in 0 ..< 6 {
                for column in 0 ..< 6 { sums[row, column] += seen[row] * seen[column] / Double(draws) }
            }
        }
        #expect(Double(taken) > 0.9 * Double(draws))
        for row in 0 ..< 6 {
            for column in 0 ..< 6 {
                func expected(_ a: Int, _ b: Int) -> Double {
                    let image = covariance * directions[b]
                    return zip(directions[a], image).reduce(0) { $0 + $1.0 * $1.1 }
                }
                // The deviation of a sample covariance of normal numbers, five times.
                let (own, common) = (expected(row, row) * expected(column, column), expected(row, column))
                let spread = ((own + common * common) / Double(draws)).squareRoot()
                #expect(abs(sums[row, column] - common) < 5 * spread)
            }
        }
    }
}

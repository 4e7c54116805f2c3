import InverseSolvers
import TestSupport
import Testing

@Suite struct InverseHessianTests {
    /// The inverse Hessian of a quadratic maps each gradient change it was last given back to the change of the
    /// point.
    @Test func inverseHessianHasTheSecantProperty() {
        let dimension = 6
        let hessian = ReferenceMatrix.nearIdentity(dimension, spread: 0.5, seed: 3)
        let symmetric = hessian.transposed * hessian
        let inverseHessian = InverseHessian(dimension: dimension, memory: 3)
        let zero = Vector(count: dimension)
        for seed in 0 ..< 5 {
            let change = Vector(normalNumbers(dimension, seed: UInt64(seed)))
            let gradientChange = Vector((symmetric * change.array.map(Double.init)).map { Float($0) })
            inverseHessian.store(x: change, previousX: zero, gradient: gradientChange, previousGradient: zero)
            let result = Vector(count: dimension)
            inverseHessian.apply(to: gradientChange, into: result)
            #expect(relativeError(result.array, change.array.map(Double.init)) < 1e-5)
        }
        #expect(inverseHessian.count == 3)
    }

    @Test func aPairWithoutCurvatureIsNotStored() {
        let inverseHessian = InverseHessian(dimension: 2, memory: 1)
        let zero = Vector(count: 2)
        let change = Vector([1, 0])
        inverseHessian.store(x: change, previousX: zero, gradient: Vector([2, 0]), previousGradient: zero)
        #expect(inverseHessian.count == 1)
        inverseHessian.store(x: change, previousX: zero, gradient: Vector([-1, 0]), previousGradient: zero)
        #expect(inverseHessian.count == 0)
        let result = Vector(count: 2)
        inverseHessian.apply(to: change, into: result)
        #expect(result.array[0] > 0)
    }
}

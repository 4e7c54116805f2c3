import ForwardOperators
import KernelInterface

/// 1/2 |A x - y|^2, the misfit of an image to its measurement.
package struct DataFidelity {
    /// A
    package var forwardOperator: any ForwardOperator { shared.forwardOperator }
    private let shared: SharedOperator
    /// y
    package let measurement: [Float]

    package init(forwardOperator: any ForwardOperator, measurement: [Float]) {
        shared = SharedOperator(forwardOperator)
        self.measurement = measurement
    }

    /// The value at x = `image`; its gradient A'(A x - y) goes into `gradient`, of the image's shape, and the
    /// residual r = A x - y into `residual`, of the measurement's. `recorder` records it as `worker`'s.
    package func evaluate(
        at image: UnsafePointer<Float>, residual: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>,
        loops: VectorLoops = VectorLoops(), recorder: PhaseRecorder? = nil, worker: Int = 0
    ) -> Double {
        let count = measurement.count
        let applying = recorder?.begin(.apply, worker: worker)
        shared.apply(image, into: residual, loops.parallelism)
        applying?.end()
        let subtracting = recorder?.begin(.vectors, worker: worker)
        measurement.withUnsafeBufferPointer { y in
            guard let y = y.baseAddress else { return }
            loops.add(residual, -1, times: y, into: residual, count: count)
        }
        let value = loops.dot(residual, residual, count: count) / 2
        subtracting?.end()
        let adjoining = recorder?.begin(.adjoint, worker: worker)
        shared.adjoint(residual, into: gradient, loops.parallelism)
        adjoining?.end()
        return value
    }
}

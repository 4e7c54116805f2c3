import KernelInterface

/// Any operator, called with the help of other threads where it is one of Reglow's own.
///
/// What the operator is, is asked once: a call allocates nothing.
package struct SharedOperator: Sendable {
    package let forwardOperator: any ForwardOperator
    private let raw: (any RawForwardOperator)?

    package init(_ forwardOperator: any ForwardOperator) {
        self.forwardOperator = forwardOperator
        raw = forwardOperator as? any RawForwardOperator
    }

    /// Computes y = A x, to the same bits for any number of threads.
    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, _ parallelism: Parallelism) {
        guard let raw, parallelism.threads > 1 else { return forwardOperator.apply(image, into: measurement) }
        raw.apply(image, into: measurement, parallelism)
    }

    /// Computes x = A' y, to the same bits for any number of threads.
    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, _ parallelism: Parallelism) {
        guard let raw, parallelism.threads > 1 else { return forwardOperator.adjoint(measurement, into: image) }
        raw.adjoint(measurement, into: image, parallelism)
    }

    /// Computes A'A x in place of x, to the same bits for any number of threads. `measurement` is room for A x.
    package func applyNormal(
        _ image: UnsafeMutablePointer<Float>, throughMeasurement measurement: UnsafeMutablePointer<Float>, _ parallelism: Parallelism
    ) {
        guard let raw else {
            forwardOperator.apply(image, into: measurement)
            forwardOperator.adjoint(measurement, into: image)
            return
        }
        raw.applyNormal(image, throughMeasurement: measurement, parallelism)
    }
}

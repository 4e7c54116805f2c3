import KernelInterface

/// A = outer * inner: first the inner operator, then the outer. A' = inner' * outer'.
package struct Composition: MatrixBackedOperator {
    package let outer: any ForwardOperator
    package let inner: any ForwardOperator
    package let rows: MatrixRows?
    private let sharedOuter, sharedInner: SharedOperator
    private let scratch: ScratchPool<AlignedBuffer<Float>>

    package var imageShape: ImageShape { inner.imageShape }
    package var measurementShape: ImageShape { outer.measurementShape }

    /// True when both factors have no negative entry; then the product has none.
    package var isNonnegative: Bool { outer.isNonnegative && inner.isNonnegative }

    /// True where it is for one of both.
    package var staysOnCallingThread: Bool { outer.staysOnCallingThread || inner.staysOnCallingThread }

    /// - Throws: `OperatorError.shapesDoNotCompose` when the inner operator's measurement has not the outer one's image shape.
    package init(_ outer: any ForwardOperator, after inner: any ForwardOperator) throws(OperatorError) {
        guard inner.measurementShape == outer.imageShape else {
            throw OperatorError.shapesDoNotCompose(
                innerMeasurement: inner.measurementShape, outerImage: outer.imageShape)
        }
        self.outer = outer
        self.inner = inner
        (sharedOuter, sharedInner) = (SharedOperator(outer), SharedOperator(inner))
        rows = (outer as? any MatrixBackedOperator)?.rows?.after(inner)
        let count = outer.imageShape.count
        scratch = ScratchPool { AlignedBuffer<Float>(count: count) }
    }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        scratch.borrow { between in
            inner.apply(image, into: between.base)
            outer.apply(between.base, into: measurement)
        }
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        scratch.borrow { between in
            outer.adjoint(measurement, into: between.base)
            inner.adjoint(between.base, into: image)
        }
    }

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, _ parallelism: Parallelism) {
        scratch.borrow { between in
            sharedInner.apply(image, into: between.base, parallelism)
            sharedOuter.apply(between.base, into: measurement, parallelism)
        }
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, _ parallelism: Parallelism) {
        scratch.borrow { between in
            sharedOuter.adjoint(measurement, into: between.base, parallelism)
            sharedInner.adjoint(between.base, into: image, parallelism)
        }
    }

    /// Erases what the outer operator removes.
    package func eraseUnmeasured(_ measurement: UnsafeMutablePointer<Float>) {
        outer.eraseUnmeasured(measurement)
    }
}

import KernelInterface

/// An operator on raw memory: Reglow's own, whose loops are written for it.
///
/// The pointers are to whole arrays of `imageShape.count` and `measurementShape.count` numbers, which do not overlap. The calls allocate nothing
/// once as many of them have run at the same time as ever will.
package protocol RawForwardOperator: ForwardOperator {
    /// Computes y = A x.
    func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>)

    /// Computes x = A' y.
    func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>)

    /// Sets to 0 the entries of a measurement that A removes.
    func eraseUnmeasured(_ measurement: UnsafeMutablePointer<Float>)

    /// Computes y = A x with the help of other threads, to the same bits as without.
    func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, _ parallelism: Parallelism)

    /// Computes x = A' y with the help of other threads, to the same bits as without.
    func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, _ parallelism: Parallelism)

    /// Computes A'A x in place of x, with the help of other threads, to the same bits as without. `measurement` is room for A x.
    func applyNormal(
        _ image: UnsafeMutablePointer<Float>, throughMeasurement measurement: UnsafeMutablePointer<Float>, _ parallelism: Parallelism)
}

extension RawForwardOperator {
    package func eraseUnmeasured(_ measurement: UnsafeMutablePointer<Float>) {}

    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>, _ parallelism: Parallelism) {
        apply(image, into: measurement)
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>, _ parallelism: Parallelism) {
        adjoint(measurement, into: image)
    }

    package func applyNormal(
        _ image: UnsafeMutablePointer<Float>, throughMeasurement measurement: UnsafeMutablePointer<Float>, _ parallelism: Parallelism
    ) {
        apply(image, into: measurement, parallelism)
        adjoint(measurement, into: image, parallelism)
    }

    package func apply(_ image: Span<Float>, into measurement: inout MutableSpan<Float>) {
        image.withUnsafeBufferPointer { image in
            measurement.withUnsafeMutableBufferPointer { measurement in
                guard let image = image.baseAddress, let measurement = measurement.baseAddress else { return }
                apply(image, into: measurement)
            }
        }
    }

    package func adjoint(_ measurement: Span<Float>, into image: inout MutableSpan<Float>) {
        measurement.withUnsafeBufferPointer { measurement in
            image.withUnsafeMutableBufferPointer { image in
                guard let measurement = measurement.baseAddress, let image = image.baseAddress else { return }
                adjoint(measurement, into: image)
            }
        }
    }

    package func eraseUnmeasured(_ measurement: inout MutableSpan<Float>) {
        measurement.withUnsafeMutableBufferPointer { measurement in
            guard let measurement = measurement.baseAddress else { return }
            eraseUnmeasured(measurement)
        }
    }
}

/// How the solver, whose vectors are raw memory, calls any operator.
extension ForwardOperator {
    package func apply(_ image: UnsafePointer<Float>, into measurement: UnsafeMutablePointer<Float>) {
        var measurement = UnsafeMutableBufferPointer(start: measurement, count: measurementShape.count).mutableSpan
        apply(UnsafeBufferPointer(start: image, count: imageShape.count).span, into: &measurement)
    }

    package func adjoint(_ measurement: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
        var image = UnsafeMutableBufferPointer(start: image, count: imageShape.count).mutableSpan
        adjoint(UnsafeBufferPointer(start: measurement, count: measurementShape.count).span, into: &image)
    }

    package func eraseUnmeasured(_ measurement: UnsafeMutablePointer<Float>) {
        var measurement = UnsafeMutableBufferPointer(start: measurement, count: measurementShape.count).mutableSpan
        eraseUnmeasured(&measurement)
    }
}

import Dispatch
import InverseSolvers
import Synchronization

/// What is heard of measurements that are being restored.
public enum RestorationEvent: Sendable {
    /// An accepted iterate of one of the measurements.
    case progress(RestorationProgress)
    /// The measurement of this index is restored, or has failed.
    case ended(Int, Result<RestoredImage, MeasurementError>)
}

extension Restorer {
    /// Restores each measurement on its own, on threads that are not those of Swift's concurrency.
    ///
    /// - Parameters:
    ///   - measurements: y = A u + noise, u on the [0, 1] scale.
    ///   - problem: A, up to the seed that each measurement brings.
    ///   - regularization: how lambda is chosen, for each measurement by itself.
    ///   - start: where each solve begins; nil leaves it to the solver.
    /// - Throws: `CancellationError` before the next evaluation where the task is cancelled; `MeasurementError` for the first measurement
    ///   that does not fit the problem or the rule; `SolverError` for bad options.
    public func restore(
        _ measurements: [ImageMeasurement], problem: Problem, regularization: RegularizationRule, start: Initialization? = nil
    ) async throws -> [RestoredImage] {
        var restored = [RestoredImage?](repeating: nil, count: measurements.count)
        for try await event in restorations(of: measurements, problem: problem, regularization: regularization, start: start) {
            if case .ended(let index, let result) = event { restored[index] = try result.get() }
        }
        try Task.checkCancellation()
        return restored.compactMap { $0 }
    }

    /// Restores each measurement on its own, and gives what is heard of it as it happens: each accepted iterate, and each result as soon as it
    /// is there. A measurement that fails ends no other.
    ///
    ///     for try await event in restorer.restorations(of: measurements, problem: .denoise, regularization: .noiseVariance(.estimated)) {
    ///         if case .ended(let index, let result) = event { try save(result.get(), index) }
    ///     }
    ///
    /// The work ends before the next evaluation where the task that iterates is cancelled, or the loop is left. What has been heard and not yet
    /// taken is kept.
    ///
    /// - Parameters: those of `restore`.
    public func restorations(
        of measurements: [ImageMeasurement], problem: Problem, regularization: RegularizationRule, start: Initialization? = nil
    ) -> AsyncThrowingStream<RestorationEvent, any Error> {
        AsyncThrowingStream { continuation in
            let isLeft = Flag()
            continuation.onTermination = { _ in isLeft.set() }
            DispatchQueue.global().async {
                do {
                    let session = RestorationSession(self, problem: problem, regularization: regularization, start: start)
                    try session.restore(
                        measurements, onProgress: { continuation.yield(.progress($0)) },
                        checkpoint: { if isLeft.isSet { throw CancellationError() } }
                    ) { continuation.yield(.ended($0, $1)) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
        }
    }
}

/// A wish that another thread sees.
private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

import CReglow
import ForwardOperators
import KernelInterface
import Reglow
import Synchronization

/// A problem with what the interface adds to it: the seed of its operator, a mask, and what is to be told of it.
final class ProblemObject: HandleObject {
    static let kind = "problem"

    let problem: Problem
    let seed: UInt64
    /// The mask of an inpainting problem, whose `problem` is then denoising: what is missing is not trusted.
    let known: KnownPixels?
    /// The operator, where it is the caller's own.
    let caller: CallerOperator?
    let notes: [CText]
    /// The operator that was asked for last.
    private let last = Mutex<(any ForwardOperator)?>(nil)

    init(_ problem: Problem, seed: UInt64 = 0, known: KnownPixels? = nil, notes: [String] = []) {
        (self.problem, self.seed, self.known) = (problem, seed, known)
        if case .linear(let forwardOperator) = problem { caller = forwardOperator as? CallerOperator } else { caller = nil }
        self.notes = notes.map { CText($0) }
    }

    /// Whether pixels are missing, and not merely untrustworthy.
    var isInpainting: Bool { if case .inpaint = problem { true } else { known != nil } }

    /// Whether a measurement of this shape is an image, whose noise can be estimated.
    func isImage(_ measurement: ImageShape) -> Bool {
        switch problem {
        case .compressive: false
        case .linear: [1, 3].contains(measurement.channels) && measurement.height > 1 && measurement.width > 1
        case .denoise, .deblur, .superresolve, .inpaint: true
        }
    }

    /// Whether some measurement is an image.
    var mayMeasureImages: Bool {
        switch problem {
        case .compressive: false
        case .linear(let forwardOperator): isImage(forwardOperator.measurementShape)
        case .denoise, .deblur, .superresolve, .inpaint: true
        }
    }

    /// Whether a grey measurement is restored as equal channels, of which the mean is the result.
    func isGrey(_ measurement: ImageShape) -> Bool {
        if caller != nil { return false }
        return measurement.channels == 1 && isImage(measurement)
    }

    /// A for images of this shape.
    ///
    /// - Throws: `OperatorError` or `ProblemError` when the problem cannot be posed for this shape, `MemoryShortage`.
    func forwardOperator(_ shape: ImageShape) throws -> any ForwardOperator {
        if let known = last.withLock({ $0 }), known.imageShape == shape { return known }
        try requireMemory(operatorBytes(shape))
        var made = try problem.forwardOperator(imageShape: shape, seed: seed)
        made = try made.trusting(known?.entries(of: made.measurementShape))
        last.withLock { $0 = made }
        return made
    }

    /// Bytes that an operator takes, about, with the arrays of one call.
    private func operatorBytes(_ shape: ImageShape) -> Int {
        if case .compressive(let measurements, _) = problem {
            let (numbers, overflow) = measurements.multipliedReportingOverflow(by: shape.count)
            return overflow || numbers > 1 << 60 ? .max : 4 * numbers
        }
        return 32 * shape.count
    }
}

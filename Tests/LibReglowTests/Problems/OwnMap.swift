import TestSupport
import Testing

/// A linear map of a caller's own: y[i] = 2 x[i] + x[i + 1], cyclic, with what was seen of its calls.
final class OwnMap {
    let count: Int
    let shape: reglow_shape
    /// Calls so far, and the one from which on they fail.
    var calls = 0
    var failingFrom = Int.max
    var isReleased = false
    var threads: Set<UInt> = []

    init(_ shape: reglow_shape) {
        self.shape = shape
        count = shape.channels * shape.height * shape.width
    }

    /// The description; the object must outlive its problem.
    func description(isThreadSafe: Bool = false) -> reglow_operator {
        var description = reglow_operator()
        expectOK(reglow_operator_init(&description, MemoryLayout<reglow_operator>.size))
        (description.image, description.measurement) = (shape, shape)
        description.apply = { input, output, context in OwnMap.at(context).run(input, output, 1) }
        description.adjoint = { input, output, context in OwnMap.at(context).run(input, output, -1) }
        description.release = { OwnMap.at($0).isReleased = true }
        description.context = Unmanaged.passUnretained(self).toOpaque()
        description.is_nonnegative = 1
        description.is_thread_safe = isThreadSafe ? 1 : 0
        return description
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> OwnMap { Unmanaged<OwnMap>.fromOpaque(context!).takeUnretainedValue() }

    private func run(_ input: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>?, _ step: Int) -> Int32 {
        calls += 1
        threads.insert(currentThread())
        if calls >= failingFrom { return 7 }
        for index in 0 ..< count { output![index] = 2 * input![index] + input![(index + step + count) % count] }
        return 0
    }
}

import CReglow
import ForwardOperators
import Glibc
import KernelInterface
import Reglow
import Synchronization

/// A linear map of the caller's own: two functions and a context.
///
/// A function that fails gives zeros, and counts: whoever began the call looks whether the count has grown (`CallerWatch`).
final class CallerOperator: ForwardOperator, @unchecked Sendable {
    let imageShape: ImageShape
    let measurementShape: ImageShape
    let isNonnegative: Bool
    let staysOnCallingThread: Bool

    typealias Map = @convention(c) (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, UnsafeMutableRawPointer?) -> Int32

    private let applyFunction: Map
    private let adjointFunction: Map
    private let release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
    private let context: UnsafeMutableRawPointer?
    /// Keeps other threads out where the functions may not be called by several at once. One thread may come in again.
    private let lock: RecursiveLock?
    private let failures = Mutex<(count: Int, text: String)>((0, ""))

    /// - Throws: a `Fault` for a function that is missing, or a shape that cannot be. The context is then not released.
    init(_ description: reglow_operator) throws(Fault) {
        imageShape = try givenShape(description.image, "the operator's image")
        measurementShape = try givenShape(description.measurement, "the operator's measurement")
        guard let apply = description.apply else { throw Fault.argument("the operator's apply is NULL") }
        guard let adjoint = description.adjoint else { throw Fault.argument("the operator's adjoint is NULL") }
        (applyFunction, adjointFunction) = (apply, adjoint)
        isNonnegative = description.is_nonnegative != 0
        staysOnCallingThread = description.is_thread_safe == 0
        lock = staysOnCallingThread ? RecursiveLock() : nil
        (release, context) = (description.release, description.context)
    }

    deinit { release?(context) }

    func apply(_ image: Span<Float>, into measurement: inout MutableSpan<Float>) { call(applyFunction, "apply", image, &measurement) }

    func adjoint(_ measurement: Span<Float>, into image: inout MutableSpan<Float>) { call(adjointFunction, "adjoint", measurement, &image) }

    private func call(_ map: Map, _ name: String, _ input: Span<Float>, _ output: inout MutableSpan<Float>) {
        lock?.lock()
        defer { lock?.unlock() }
        input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                let status = map(input.baseAddress, output.baseAddress, context)
                if status == 0 { return }
                output.update(repeating: 0)
                failures.withLock { $0 = ($0.count + 1, "the operator's \(name) returned \(status)") }
            }
        }
    }

    /// How often a function failed so far, and how the last one did.
    var failed: (count: Int, text: String) { failures.withLock { $0 } }
}

/// Whether an operator of the caller's fails during a call.
struct CallerWatch {
    private let caller: CallerOperator?
    private let before: Int

    init(_ caller: CallerOperator?) {
        self.caller = caller
        before = caller?.failed.count ?? 0
    }

    /// - Throws: a `Fault` where a function failed since.
    func check() throws(Fault) {
        guard let failed = caller?.failed, failed.count > before else { return }
        throw Fault(REGLOW_CALLBACK_FAILED, failed.text)
    }
}

/// A lock that its holder may take again.
private final class RecursiveLock: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init() {
        mutex = .allocate(capacity: 1)
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
        pthread_mutex_init(mutex, &attributes)
        pthread_mutexattr_destroy(&attributes)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
}

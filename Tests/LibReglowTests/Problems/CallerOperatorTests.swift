import Dispatch
import TestSupport
import Testing

/// Operators of the caller's own, as two C functions.
@Suite struct CallerOperatorTests {
    private static let shape = reglow_shape(channels: 3, height: 8, width: 8)

    private func problem(of map: OwnMap, isThreadSafe: Bool = false) throws -> OpaquePointer {
        var description = map.description(isThreadSafe: isThreadSafe)
        return try LoadedModel.made { reglow_problem_linear(&description, $0) }
    }

    @Test func itsMapsAreCalled() throws {
        let map = OwnMap(Self.shape)
        let problem = try problem(of: map)
        var shape = Self.shape
        let (x, y) = (signedNumbers(2 * 192, seed: 1), signedNumbers(2 * 192, seed: 2))
        var (product, adjoint) = (x, y)
        expectOK(reglow_problem_apply(problem, &shape, x, 2, &product))
        expectOK(reglow_problem_adjoint(problem, &shape, y, 2, &adjoint))
        expectAdjoint(product, adjoint, of: x, and: y, within: 1e-6)
        #expect(map.calls == 4 && product[0] == 2 * x[0] + x[1] && !map.isReleased)
        var norm = 0.0
        expectOK(reglow_problem_norm(problem, &shape, 100, &norm))
        #expect(abs(norm - 3) < 0.01)
        expectOK(reglow_problem_free(problem))
        #expect(map.isReleased)
    }

    /// A restorer keeps the operator, and the context with it.
    @Test func theContextIsReleasedByTheLastThatNeedsIt() throws {
        let (loaded, map) = (try LoadedModel(), OwnMap(Self.shape))
        let problem = try problem(of: map)
        var options = reglow_restore_options()
        expectOK(reglow_restore_options_init(&options, MemoryLayout<reglow_restore_options>.size))
        options.noise = 0.01
        let restorer = try LoadedModel.made { reglow_restorer_new(loaded.handle, problem, &options, $0) }
        expectOK(reglow_problem_free(problem))
        #expect(!map.isReleased)
        expectOK(reglow_restorer_free(restorer))
        #expect(map.isReleased)
    }

    @Test func aFailureEndsTheCall() throws {
        let map = OwnMap(Self.shape)
        let problem = try problem(of: map)
        defer { reglow_problem_free(problem) }
        var shape = Self.shape
        let x = signedNumbers(3 * 192, seed: 1)
        var (y, norm) = (x, -1.0)
        map.failingFrom = 2
        expectRefused(reglow_problem_apply(problem, &shape, x, 3, &y), REGLOW_CALLBACK_FAILED, "apply returned 7")
        #expect(map.calls == 2)
        expectRefused(reglow_problem_norm(problem, &shape, 5, &norm), REGLOW_CALLBACK_FAILED, "returned 7")
        #expect(norm == -1)
        // What failed once may go well later.
        map.failingFrom = .max
        expectOK(reglow_problem_adjoint(problem, &shape, x, 3, &y))
    }

    @Test func aSolveEndsWhereItFails() throws {
        let (loaded, map) = (try LoadedModel(), OwnMap(Self.shape))
        let problem = try problem(of: map)
        defer { reglow_problem_free(problem) }
        for call in [1, 2, 5, 20] {
            (map.calls, map.failingFrom) = (0, call)
            var result: OpaquePointer?
            let status = restore(loaded, problem, uniformNumbers(192, seed: 3), count: 1, &result) { $0.gradient_tolerance = 0 }
            expectRefused(status, REGLOW_CALLBACK_FAILED, "returned 7")
            #expect(result == nil && map.calls < call + 40)
        }
    }

    /// Not thread-safe: the thread that called is the only one that calls back, also for a batch that shares evaluations.
    @Test func onlyTheCallingThreadCallsBack() throws {
        let loaded = try LoadedModel()
        for threadSafe in [false, true] {
            let map = OwnMap(Self.shape)
            // A map that counts is not safe for several threads, so with them it gets one measurement.
            let problem = try problem(of: map, isThreadSafe: threadSafe)
            var result: OpaquePointer?
            let count = threadSafe ? 1 : 6
            expectOK(restore(loaded, problem, uniformNumbers(count * 192, seed: 3), count: count, &result) { $0.threads = 2 })
            if !threadSafe { #expect(map.threads == [currentThread()]) }
            reglow_result_free(result)
            reglow_problem_free(problem)
        }
    }

    /// The same numbers as the library's operator of the same matrix gives: an own identity is denoising of another kind.
    @Test func resultsAreThoseOfTheLibrary() throws {
        let (loaded, map) = (try LoadedModel(), OwnMap(Self.shape))
        let problem = try problem(of: map)
        defer { reglow_problem_free(problem) }
        let y = uniformNumbers(192, seed: 9)
        var result: OpaquePointer?
        expectOK(restore(loaded, problem, y, count: 1, &result))
        defer { reglow_result_free(result) }

        struct Twin: ForwardOperator {
            let imageShape = ImageShape(channels: 3, height: 8, width: 8)
            let measurementShape = ImageShape(channels: 3, height: 8, width: 8)
            let isNonnegative = true
            func apply(_ image: Span<Float>, into measurement: inout MutableSpan<Float>) {
                for index in 0 ..< 192 { measurement[index] = 2 * image[index] + image[(index + 1) % 192] }
            }
            func adjoint(_ measurement: Span<Float>, into image: inout MutableSpan<Float>) {
                for index in 0 ..< 192 { image[index] = 2 * measurement[index] + measurement[(index + 191) % 192] }
            }
        }
        var options = SolverOptions()
        options.maximumEvaluations = 20
        let expected = try Restorer(prior: loaded.glow, options: options, threads: 1).restore(
            [ImageMeasurement(Image(shape: ImageShape(channels: 3, height: 8, width: 8), pixels: y))], problem: .linear(Twin()),
            regularization: .noiseVariance(.known(0.05)))
        let image = UnsafeBufferPointer(start: reglow_result_image(result, 0), count: 192)
        #expect(Array(image).bits == expected[0].image.pixels.bits)
    }

    @Test func badDescriptionsAreNamed() {
        let map = OwnMap(Self.shape)
        var problem: OpaquePointer?
        func refused(_ word: String, _ change: (inout reglow_operator) -> Void) {
            var description = map.description()
            change(&description)
            expectRefused(reglow_problem_linear(&description, &problem), REGLOW_BAD_ARGUMENT, word)
        }
        refused("apply is NULL") { $0.apply = nil }
        refused("adjoint is NULL") { $0.adjoint = nil }
        refused("channels of the operator's image") { $0.image.channels = 0 }
        refused("height of the operator's measurement") { $0.measurement.height = -1 }
        refused("more than") { $0.image = reglow_shape(channels: 1, height: 1 << 20, width: 1 << 20) }
        refused("size of reglow_operator") { $0.size = 3 }
        expectRefused(reglow_problem_linear(nil, &problem), REGLOW_BAD_ARGUMENT, "description is NULL")
        var description = map.description()
        expectRefused(reglow_problem_linear(&description, nil), REGLOW_BAD_ARGUMENT, "problem is NULL")
        expectRefused(reglow_operator_init(nil, 8), REGLOW_BAD_ARGUMENT, "")
        #expect(problem == nil && !map.isReleased)
    }
}

/// Restores measurements of 3x8x8 numbers with sigma 0.05 and 20 evaluations.
private func restore(
    _ loaded: LoadedModel, _ problem: OpaquePointer, _ y: [Float], count: Int, _ result: inout OpaquePointer?,
    _ change: (inout reglow_restore_options) -> Void = { _ in }
) -> reglow_status {
    var options = reglow_restore_options()
    reglow_restore_options_init(&options, MemoryLayout<reglow_restore_options>.size)
    (options.noise, options.max_evaluations, options.threads) = (0.05, 20, 1)
    change(&options)
    return y.withUnsafeBufferPointer { values in
        var measurements = reglow_measurements()
        reglow_measurements_init(&measurements, MemoryLayout<reglow_measurements>.size)
        measurements.count = count
        measurements.shape = reglow_shape(channels: 3, height: 8, width: 8)
        measurements.values = values.baseAddress
        return reglow_restore(loaded.handle, problem, &measurements, &options, &result)
    }
}

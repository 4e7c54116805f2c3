import KernelInterface
import TestSupport
import Testing

/// Each option and each array that cannot be is named, before anything begins.
@Suite struct RestoreChoicesTests {
    private static let shape = ImageShape(channels: 3, height: 8, width: 8)

    @Test func optionsAreChecked() throws {
        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        func refused(
            _ words: String, sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout reglow_restore_options) -> Void
        ) {
            var call = RestoreCall(uniformNumbers(192, seed: 1), shape: Self.shape)
            change(&call.options)
            call.expectRefused(loaded, problem, words, sourceLocation: sourceLocation)
        }
        for noise in [-0.5, .nan, .infinity, 1.5] { refused("noise is") { $0.noise = noise } }
        refused("not to 255") { $0.noise = 25 }
        refused("rule is 4") { $0.rule = reglow_rule(rawValue: 4) }
        for weight in [-1, .nan, .infinity, 1e13] {
            refused("regularization_weight is") { ($0.rule, $0.regularization_weight) = (REGLOW_RULE_FIXED, weight) }
        }
        refused("minimizer is 5") { $0.minimizer = reglow_minimizer(rawValue: 5) }
        refused("formulation is 3") { $0.formulation = reglow_formulation(rawValue: 3) }
        refused("formulation must be auto") { $0.formulation = REGLOW_ANALYSIS }
        refused("works on the image") { ($0.minimizer, $0.formulation) = (REGLOW_MINIMIZER_GAUSS_NEWTON, REGLOW_SYNTHESIS) }
        for count in [0, -1, .max] { refused("max_evaluations") { $0.max_evaluations = count } }
        for seconds in [-1, .nan] { refused("max_seconds") { $0.max_seconds = seconds } }
        for tolerance in [-0.1, 1, .nan, .infinity] { refused("gradient_tolerance") { $0.gradient_tolerance = tolerance } }
        for tolerance in [1, .nan, .infinity] { refused("progress_tolerance") { $0.progress_tolerance = tolerance } }
        refused("full_map") { ($0.minimizer, $0.formulation, $0.full_map) = (REGLOW_MINIMIZER_LBFGS, REGLOW_SYNTHESIS, 1) }
        refused("gradients is 3") { $0.gradients = reglow_gradients(rawValue: 3) }
        refused("start is 4") { $0.start = reglow_start(rawValue: 4) }
        for threads in [-1, 1025, .max] { refused("threads") { $0.threads = threads } }
        for views in [0, -1, 17, .max] { refused("ensemble") { $0.ensemble = views } }
        for batch in [0, -1, 5000, .max] { refused("max_batch") { $0.max_batch = batch } }
        refused("memory_limit") { $0.memory_limit = -1 }
        refused("size of reglow_restore_options") { $0.size = 7 }
    }

    @Test func arraysAreChecked() throws {
        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        func refused(_ words: String, sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout RestoreCall) -> Void) {
            var call = RestoreCall(uniformNumbers(192, seed: 1), shape: Self.shape)
            change(&call)
            call.expectRefused(loaded, problem, words, sourceLocation: sourceLocation)
        }
        for count in [0, -1, .max, 1 << 30] { refused("count is") { $0.measurements.count = count } }
        for side in [0, -1, .max] {
            refused("channels of the measurement") { $0.measurements.shape.channels = side }
            refused("height of the measurement") { $0.measurements.shape.height = side }
        }
        refused("more than") { $0.measurements.shape = reglow_shape(channels: 3, height: 1 << 16, width: 1 << 16) }
        refused("1 or 3 channels") { $0.measurements.shape = reglow_shape(channels: 2, height: 8, width: 8) }
        for level in [-1, .nan, .infinity] { refused("saturated is") { $0.measurements.saturated = level } }
        refused("trusted_count is 2") { ($0.trusted, $0.measurements.trusted_count) = ([UInt8](repeating: 1, count: 192), 2) }
        refused("trusted_channels is 2") { ($0.trusted, $0.measurements.trusted_channels) = ([UInt8](repeating: 1, count: 192), 2) }
        refused("start_channels is 2") { ($0.start, $0.measurements.start_channels) = ([Float](repeating: 1, count: 192), 2) }
        refused("size of reglow_measurements") { $0.measurements.size = 1 }

        let call = RestoreCall(uniformNumbers(192, seed: 1), shape: Self.shape)
        var (result, empty): (OpaquePointer?, reglow_measurements) = (nil, call.measurements)
        expectRefused(reglow_restore(loaded.handle, problem, &empty, nil, &result), REGLOW_BAD_ARGUMENT, "values is NULL")
        expectRefused(reglow_restore(loaded.handle, problem, nil, nil, &result), REGLOW_BAD_ARGUMENT, "measurements is NULL")
        expectRefused(reglow_restore(nil, problem, &empty, nil, &result), REGLOW_BAD_ARGUMENT, "model is NULL")
        expectRefused(reglow_restore(loaded.handle, nil, &empty, nil, &result), REGLOW_BAD_ARGUMENT, "problem is NULL")
        expectRefused(reglow_restore(loaded.handle, problem, &empty, nil, nil), REGLOW_BAD_ARGUMENT, "result is NULL")
        expectRefused(reglow_restore(problem, loaded.handle, &empty, nil, &result), REGLOW_BAD_HANDLE, "not the handle of a model")
        expectRefused(reglow_restorer_new(loaded.handle, problem, nil, nil), REGLOW_BAD_ARGUMENT, "restorer is NULL")
        expectRefused(reglow_restorer_run(nil, &empty, &result), REGLOW_BAD_ARGUMENT, "restorer is NULL")
        expectRefused(reglow_measurements_init(nil, 4), REGLOW_BAD_ARGUMENT)
        #expect(result == nil)
    }

    /// A measurement that does not belong to the problem.
    @Test func measurementsMustFit() throws {
        let loaded = try LoadedModel()
        let compressive = try LoadedModel.made { reglow_problem_compressive(60, 8, 8, 1, $0) }
        let mask = try LoadedModel.made { reglow_problem_inpaint_mask([UInt8](repeating: 1, count: 30), 1, 5, 6, $0) }
        defer {
            reglow_problem_free(compressive)
            reglow_problem_free(mask)
        }
        RestoreCall(uniformNumbers(192, seed: 1), shape: Self.shape).expectRefused(loaded, mask, "the mask is 5x6")
        let vector = ImageShape(channels: 1, height: 1, width: 60)
        var call = RestoreCall(uniformNumbers(60, seed: 1), shape: vector)
        call.options.noise = REGLOW_NOISE_ESTIMATED
        call.expectRefused(loaded, compressive, "noise cannot be estimated")
        call.options.rule = REGLOW_RULE_WHITENESS
        call.expectRefused(loaded, compressive, "rule is whiteness")
        (call.options.rule, call.options.noise, call.measurements.saturated) = (REGLOW_RULE_NOISE_VARIANCE, 0.05, 0.9)
        call.expectRefused(loaded, compressive, "saturated")
        let (status, result) = RestoreCall(uniformNumbers(59, seed: 1), shape: ImageShape(channels: 1, height: 1, width: 59)).run(
            loaded, compressive)
        expectRefused(status, REGLOW_BAD_ARGUMENT, "59 numbers")
        #expect(reglow_result_count(result) == 1 && image(0, of: result) == [])
        reglow_result_free(result)
    }
}

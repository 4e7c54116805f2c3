import KernelInterface
import Reglow
import TestSupport
import Testing

@Suite struct PosteriorFunctionsTests {
    private let shape = ImageShape(channels: 3, height: 8, width: 8)

    private func options() -> reglow_posterior_options {
        var options = reglow_posterior_options()
        expectOK(reglow_posterior_options_init(&options, MemoryLayout<reglow_posterior_options>.size))
        (options.samples, options.burn_in, options.steps_per_sample) = (16, 2, 2)
        return options
    }

    private func run(
        _ call: RestoreCall, _ loaded: LoadedModel, _ problem: OpaquePointer?, _ options: reglow_posterior_options
    ) throws -> (status: reglow_status, result: OpaquePointer?) {
        var (restorer, result): (OpaquePointer?, OpaquePointer?)
        expectOK(withUnsafePointer(to: call.options) { reglow_restorer_new(loaded.handle, problem, $0, &restorer) })
        let status = call.withMeasurements { measurements in
            withUnsafePointer(to: options) { reglow_restorer_posterior(restorer, measurements, $0, &result) }
        }
        expectOK(reglow_restorer_free(restorer))
        return (status, result)
    }

    private func pixels(_ pointer: UnsafePointer<Float>?) -> [Float] {
        guard let pointer else { return [] }
        return Array(UnsafeBufferPointer(start: pointer, count: shape.count))
    }

    /// To the last bit what the library gives.
    @Test func itIsThePosteriorOfTheLibrary() throws {
        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        let values = uniformNumbers(2 * 192, seed: 1)
        let (status, handle) = try run(RestoreCall(values, shape: shape, count: 2), loaded, problem, options())
        expectOK(status)
        let result = try #require(handle)
        defer { reglow_result_free(result) }

        var (solver, posterior) = (SolverOptions(), PosteriorOptions())
        solver.maximumEvaluations = 20
        (posterior.samples, posterior.burnIn, posterior.stepsPerSample) = (16, 2, 2)
        let measurements = try (0 ..< 2).map {
            ImageMeasurement(try Image(shape: shape, pixels: Array(values[$0 * 192 ..< ($0 + 1) * 192])))
        }
        let expected = try Restorer(prior: loaded.glow, options: solver, threads: 1).posterior(
            measurements, problem: .denoise, noiseDeviation: 0.05, posterior: posterior)
        for (index, estimate) in expected.enumerated() {
            #expect(image(index, of: result).bits == estimate.mean.pixels.bits)
            #expect(pixels(reglow_result_deviation(result, index)) == estimate.deviation.pixels)
            #expect(pixels(reglow_result_mode(result, index)) == estimate.mode.image.pixels)
            #expect(pixels(reglow_result_quantile(result, index, 2)) == estimate.quantiles[2].image.pixels)
            #expect(pixels(reglow_result_sample(result, index, 15)) == estimate.samples[15].pixels)
            var facts = reglow_posterior_facts()
            facts.size = MemoryLayout<reglow_posterior_facts>.size
            expectOK(reglow_result_posterior(result, index, &facts))
            #expect(facts.samples == 16 && facts.quantile_count == 3 && facts.chains == 4 && facts.evaluations == 4 * 13)
            #expect(facts.r_hat == estimate.diagnostics.rHat || facts.r_hat.isNaN)
        }
        #expect(reglow_result_sample(result, 0, 16) == nil && reglow_result_sample(result, 0, -1) == nil)
        #expect(reglow_result_quantile(result, 2, 0) == nil)
    }

    @Test func whatCannotBeIsRefused() throws {
        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        let call = RestoreCall(uniformNumbers(192, seed: 1), shape: shape, evaluations: 2)
        let changes: [(String, (inout reglow_posterior_options) -> Void)] = [
            ("chains is 0", { $0.chains = 0 }), ("samples is 15", { $0.samples = 15 }), ("burn_in is 0", { $0.burn_in = 0 }),
            ("steps_per_sample is 0", { $0.steps_per_sample = 0 }), ("quantile_count is 33", { $0.quantile_count = 33 }),
            ("quantiles has 1.5", { $0.quantiles.0 = 1.5 }), ("size", { $0.size = 1 }),
        ]
        for (words, change) in changes {
            var bad = options()
            change(&bad)
            let (status, result) = try run(call, loaded, problem, bad)
            #expect(status == REGLOW_BAD_ARGUMENT && result == nil)
            #expect(lastError().contains(words), "\(lastError())")
        }
        var (odd, both) = (options(), call)
        (odd.chains, both.options.self_ensemble) = (3, 1)
        #expect(try run(both, loaded, problem, odd).status == REGLOW_BAD_ARGUMENT)
        #expect(lastError().contains("chains is 3, but must be even with a self-ensemble"), "\(lastError())")
        let (status, handle) = call.run(loaded, problem)
        expectOK(status)
        let result = try #require(handle)
        defer { reglow_result_free(result) }
        var facts = reglow_posterior_facts()
        facts.size = MemoryLayout<reglow_posterior_facts>.size
        expectRefused(reglow_result_posterior(result, 0, &facts), REGLOW_BAD_ARGUMENT, "no posterior")
        #expect(reglow_result_deviation(result, 0) == nil && reglow_result_mode(result, 0) == nil)
    }

    /// A call that is cancelled while it samples leaves the mode.
    @Test func cancellingLeavesTheMode() throws {
        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        var call = RestoreCall(uniformNumbers(192, seed: 1), shape: shape, evaluations: 2)
        var polls = 0
        let status = try withUnsafeMutablePointer(to: &polls) { polls in
            call.options.context = UnsafeMutableRawPointer(polls)
            call.options.on_poll = { context in
                guard let count = context?.assumingMemoryBound(to: Int.self) else { return 1 }
                count.pointee += 1
                return count.pointee > 40 ? 1 : 0
            }
            var many = options()
            many.samples = 400
            let (status, result) = try run(call, loaded, problem, many)
            #expect(facts(0, of: result).status == REGLOW_CANCELLED && image(0, of: result).count == 192)
            expectOK(reglow_result_free(result))
            return status
        }
        #expect(status == REGLOW_CANCELLED)
    }
}

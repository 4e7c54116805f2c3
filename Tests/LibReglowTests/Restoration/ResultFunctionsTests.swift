import KernelInterface
import TestSupport
import Testing

@Suite struct ResultFunctionsTests {
    @Test func whatIsAskedForMustBeThere() throws {
        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        let shape = ImageShape(channels: 3, height: 8, width: 8)
        let (status, handle) = RestoreCall(uniformNumbers(192, seed: 1), shape: shape, evaluations: 2).run(loaded, problem)
        expectOK(status)
        let result = try #require(handle)
        var copy = [Float](repeating: .nan, count: 192)
        expectOK(reglow_result_copy_image(result, 0, &copy, 192))
        #expect(copy.bits == image(0, of: result).bits)
        for count in [0, 191, 193, -1] {
            expectRefused(reglow_result_copy_image(result, 0, &copy, count), REGLOW_BAD_ARGUMENT, "but image 0 has 192")
        }
        expectRefused(reglow_result_copy_image(result, 0, nil, 192), REGLOW_BAD_ARGUMENT, "image is NULL")
        var (facts, iterate, step) = (reglow_result_facts(), reglow_iterate(), reglow_path_step())
        facts.size = MemoryLayout<reglow_result_facts>.size
        iterate.size = MemoryLayout<reglow_iterate>.size
        step.size = MemoryLayout<reglow_path_step>.size
        for index in [1, -1, .max] {
            expectRefused(reglow_result_describe(result, index, &facts), REGLOW_BAD_ARGUMENT, "the result has 1")
            expectRefused(reglow_result_copy_image(result, index, &copy, 192), REGLOW_BAD_ARGUMENT, "the result has 1")
            expectRefused(reglow_result_iterate(result, index, 0, &iterate), REGLOW_BAD_ARGUMENT, "the result has 1")
            expectRefused(reglow_result_iterate(result, 0, index == 1 ? 99 : index, &iterate), REGLOW_BAD_ARGUMENT, "iterate")
            expectRefused(reglow_result_path_step(result, 0, index, &step), REGLOW_BAD_ARGUMENT, "there are 0")
            #expect(reglow_result_image(result, index) == nil && reglow_result_message(result, index) == nil)
            #expect(reglow_result_note(result, index == 1 ? 99 : index, nil) == nil)
        }
        expectRefused(reglow_result_describe(result, 0, nil), REGLOW_BAD_ARGUMENT, "facts is NULL")
        expectRefused(reglow_result_iterate(result, 0, 0, nil), REGLOW_BAD_ARGUMENT, "iterate is NULL")
        // Two evaluations are no solve.
        var verdict = REGLOW_NO_VERDICT
        let reasons = try #require(reglow_result_trust(result, 0, &verdict))
        #expect(verdict != REGLOW_NO_VERDICT && verdict != REGLOW_TRUST_OK && String(cString: reasons).contains("before it had converged"))
        #expect(reglow_result_trust(result, 0, nil) == reasons)
        for index in [1, -1, .max] {
            verdict = REGLOW_TRUST_OK
            #expect(reglow_result_trust(result, index, &verdict) == nil && verdict == REGLOW_TRUST_OK)
        }
        expectOK(reglow_result_free(result))
        #expect(reglow_result_count(result) == 0 && reglow_result_image(result, 0) == nil)
        expectRefused(reglow_result_free(result), REGLOW_BAD_HANDLE, "released")
    }
}

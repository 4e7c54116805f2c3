import TestSupport
import Testing

/// Handles that were released, are of another kind, or never were any.
@Suite struct HandleTableTests {
    @Test func aReleasedHandleIsKnownAsSuch() throws {
        let loaded = try LoadedModel()
        let point = try loaded.point()
        expectOK(reglow_point_free(point))
        var facts = reglow_point_facts()
        facts.size = MemoryLayout<reglow_point_facts>.size
        expectRefused(reglow_point_describe(point, &facts), REGLOW_BAD_HANDLE, "point", "released")
        expectRefused(reglow_point_free(point), REGLOW_BAD_HANDLE, "released")
    }

    @Test func anotherKindIsNamed() throws {
        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        var point: OpaquePointer?
        expectRefused(reglow_point_new(problem, 8, 8, 1, 1, &point), REGLOW_BAD_HANDLE, "a model", "handle of a problem")
        expectRefused(reglow_model_free(problem), REGLOW_BAD_HANDLE, "handle of a problem")
        #expect(point == nil)
        // It is still what it was.
        #expect(reglow_problem_note(problem, 0) == nil)
        expectOK(reglow_model_free(nil))
        _ = loaded
    }

    @Test func addressesAreNoHandles() {
        var number = 5
        withUnsafePointer(to: &number) { pointer in
            var facts = reglow_model_facts()
            facts.size = MemoryLayout<reglow_model_facts>.size
            expectRefused(reglow_model_describe(OpaquePointer(pointer), &facts), REGLOW_BAD_HANDLE, "never was one")
        }
        for bits: UInt in [1, 7, 0xFFFF_FFFF_FFFF_FFFF, 0x5247_0000_0000_0000] {
            expectRefused(reglow_model_free(OpaquePointer(bitPattern: bits)), REGLOW_BAD_HANDLE)
        }
    }

    /// What an object needs lives on in it.
    @Test func anOwnerKeepsWhatItNeeds() throws {
        let loaded = try LoadedModel()
        let another = try LoadedModel.made { reglow_model_load(loaded.path, REGLOW_FP32, $0) }
        let point = try LoadedModel.made { reglow_point_new(another, 8, 8, 1, 1, $0) }
        expectOK(reglow_model_free(another))
        let images = [Float](repeating: 0.5, count: 192)
        var latents = images
        expectOK(reglow_forward(point, images, 1, &latents, nil, nil))
        #expect(latents != images)
        expectOK(reglow_point_free(point))
    }
}

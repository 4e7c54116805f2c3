import Testing

/// Structs of callers that were compiled with another version of the header.
@Suite struct VersionedStructTests {
    private static let size = MemoryLayout<reglow_restore_options>.size

    @Test func initializingSetsTheSizeAndTheDefaults() {
        var options = reglow_restore_options()
        expectOK(reglow_restore_options_init(&options, Self.size))
        #expect(options.size == Self.size && options.noise == REGLOW_NOISE_ESTIMATED && options.max_evaluations == 300)
        #expect(options.gradient_tolerance == 1e-5 && options.progress_tolerance < 0 && options.max_batch == 16)
        #expect(options.on_poll == nil && options.rule == REGLOW_RULE_NOISE_VARIANCE)
    }

    @Test(arguments: [0, 8, -1, 1 << 40, .max]) func aSizeThatCannotBeIsRefused(size: Int) {
        var options = reglow_restore_options()
        expectRefused(reglow_restore_options_init(&options, size), REGLOW_BAD_ARGUMENT, "size of reglow_restore_options")
        #expect(options.size == 0)
        options.size = size
        var restorer: OpaquePointer?
        let loaded = try? LoadedModel()
        var problem: OpaquePointer?
        reglow_problem_denoise(&problem)
        expectRefused(
            reglow_restorer_new(loaded?.handle, problem, &options, &restorer), REGLOW_BAD_ARGUMENT, "size of reglow_restore_options")
        reglow_problem_free(problem)
    }

    /// A longer struct, of a later version: what is not known here must be 0, and is 0 after a call that fills it.
    @Test func whatIsNotKnownMustBeZero() throws {
        let size = Self.size + 16
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 8)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0xAB, count: size)
        let options = memory.assumingMemoryBound(to: reglow_restore_options.self)
        expectOK(reglow_restore_options_init(options, size))
        #expect(options.pointee.size == size)
        #expect((Self.size ..< size).allSatisfy { memory.load(fromByteOffset: $0, as: UInt8.self) == 0 })

        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        let restorer = try LoadedModel.made { reglow_restorer_new(loaded.handle, problem, options, $0) }
        expectOK(reglow_restorer_free(restorer))
        memory.storeBytes(of: 1, toByteOffset: size - 1, as: UInt8.self)
        var refused: OpaquePointer?
        expectRefused(reglow_restorer_new(loaded.handle, problem, options, &refused), REGLOW_BAD_ARGUMENT, "does not know")
    }

    @Test func aPointerBesideItsAlignmentIsRefused() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: Self.size + 8, alignment: 8)
        defer { memory.deallocate() }
        let options = UnsafeMutablePointer<reglow_restore_options>(OpaquePointer(memory + 1))
        expectRefused(reglow_restore_options_init(options, Self.size), REGLOW_BAD_ARGUMENT, "not aligned")
        expectRefused(reglow_restore_options_init(nil, Self.size), REGLOW_BAD_ARGUMENT, "options is NULL")
    }
}

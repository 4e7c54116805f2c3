import Files
import GlowModel
import KernelInterface
import TestSupport
import Testing

@Suite struct ModelFunctionsTests {
    private func facts(of model: OpaquePointer) -> reglow_model_facts {
        var facts = reglow_model_facts()
        facts.size = MemoryLayout<reglow_model_facts>.size
        expectOK(reglow_model_describe(model, &facts))
        return facts
    }

    @Test(arguments: [GlowArchitecture.Coupling.additive, .affine], [Precision.fp32, .bf16])
    func aModelSaysWhatItIs(coupling: GlowArchitecture.Coupling, precision: Precision) throws {
        let loaded = try LoadedModel(coupling: coupling, precision: precision)
        let facts = facts(of: loaded.handle)
        #expect(facts.channels == 3 && facts.levels == 2 && facts.steps.0 == 2 && facts.steps.1 == 2 && facts.steps.2 == 0)
        #expect(facts.hidden == 8 && facts.size_multiple == 4 && facts.pixel_shift == -0.5)
        #expect(facts.coupling == (coupling == .additive ? REGLOW_ADDITIVE : REGLOW_AFFINE))
        #expect(facts.precision == (precision == .fp32 ? REGLOW_FP32 : REGLOW_BF16))
        #expect(facts.parameters == loaded.glow.architecture.parameterCount && facts.weight_bytes == loaded.glow.weightBytes)
        let digest = withUnsafeBytes(of: facts.sha256) { String(decoding: $0.prefix(64), as: UTF8.self) }
        #expect(digest == (try SHA256.hexDigest(ofFile: loaded.path).digest))
        #expect(facts.sha256.64 == 0)
        #expect(String(cString: reglow_model_path(loaded.handle)) == loaded.path)
    }

    /// A caller that was compiled before the last fields came gives a smaller size, and what is behind it stays.
    @Test func formerCallersGetTheFieldsTheyKnow() throws {
        let folder = try TemporaryFolder()
        let architecture = try GlowArchitecture(
            steps: [1], hidden: 3, variant: GlowVariant(priors: [.map(height: 8, width: 4)]))
        try ModelFile.write(RandomGlow(architecture: architecture, seed: 1), to: folder.file("map.safetensors"))
        let model = try LoadedModel.made { reglow_model_load(folder.file("map.safetensors"), REGLOW_FP32, $0) }
        let now = facts(of: model)
        #expect(now.fixed_height == 16 && now.fixed_width == 8 && now.size_multiple == 2)
        var former = reglow_model_facts()
        former.size = try #require(MemoryLayout<reglow_model_facts>.offset(of: \.fixed_height))
        (former.fixed_height, former.fixed_width) = (77, 78)
        expectOK(reglow_model_describe(model, &former))
        #expect(former.fixed_height == 77 && former.fixed_width == 78 && former.levels == 1 && former.parameters == now.parameters)
        former.size -= 1
        expectRefused(reglow_model_describe(model, &former), REGLOW_BAD_ARGUMENT, "size of reglow_model_facts")
        expectOK(reglow_model_free(model))
        let loaded = try LoadedModel()
        #expect(facts(of: loaded.handle).fixed_height == 0 && facts(of: loaded.handle).fixed_width == 0)
    }

    @Test func theCardIsThere() throws {
        let loaded = try LoadedModel()
        #expect(String(cString: reglow_model_card_key(loaded.handle, 0)) == "name" && reglow_model_card_key(loaded.handle, 1) == nil)
        #expect(String(cString: reglow_model_card(loaded.handle, "name")) == "random-additive-3")
        #expect(reglow_model_card(loaded.handle, "license") == nil && reglow_model_card(loaded.handle, nil) == nil)
        #expect(reglow_model_card_key(loaded.handle, -1) == nil && reglow_model_card_key(loaded.handle, .max) == nil)
    }

    @Test func installedPriorsAreFoundByName() throws {
        #expect(reglow_prior_count() >= 3)
        let names = (0 ..< reglow_prior_count()).map { String(cString: reglow_prior_name($0)) }
        #expect(names == names.sorted() && names.contains("faces64"))
        #expect(reglow_prior_name(reglow_prior_count()) == nil && reglow_prior_name(-1) == nil)
        #expect(String(cString: reglow_prior_for_size(64, 64)) == "faces64" && String(cString: reglow_prior_for_size(65, 64)) == "photos")
        #expect(String(cString: reglow_prior_for_restoring(64, 64)) == "faces64")
        #expect(String(cString: reglow_prior_for_restoring(65, 64)) == "noisy-photos")
        let model = try LoadedModel.made { reglow_model_load("faces64", REGLOW_FP32, $0) }
        #expect(facts(of: model).levels == 4)
        expectOK(reglow_model_free(model))
    }

    @Test func whatIsNoModelIsNamed() throws {
        let folder = try TemporaryFolder()
        let damaged = try folder.file("damaged.safetensors", holding: [1, 2, 3])
        var model: OpaquePointer?
        expectRefused(reglow_model_load(damaged, REGLOW_FP32, &model), REGLOW_FILE_ERROR, "damaged.safetensors")
        expectRefused(reglow_model_load("faces46", REGLOW_FP32, &model), REGLOW_FILE_ERROR, "Did you mean 'faces64'")
        expectRefused(reglow_model_load("", REGLOW_FP32, &model), REGLOW_FILE_ERROR)
        expectRefused(reglow_model_load("faces64", reglow_precision(rawValue: 9), &model), REGLOW_BAD_ARGUMENT, "precision is 9")
        expectRefused(reglow_model_load(nil, REGLOW_FP32, &model), REGLOW_BAD_ARGUMENT, "name_or_path is NULL")
        expectRefused(reglow_model_load("faces64", REGLOW_FP32, nil), REGLOW_BAD_ARGUMENT, "model is NULL")
        #expect(model == nil && reglow_model_path(nil) == nil && lastError().contains("model is NULL"))
        expectRefused(reglow_model_describe(nil, nil), REGLOW_BAD_ARGUMENT, "model is NULL")
        let loaded = try LoadedModel()
        expectRefused(reglow_model_describe(loaded.handle, nil), REGLOW_BAD_ARGUMENT, "facts is NULL")
    }
}

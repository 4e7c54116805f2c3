import Dispatch
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

/// Restorations through the interface: the bits of the library's.
@Suite struct RestorerFunctionsTests {
    private static let shape = ImageShape(channels: 3, height: 10, width: 12)
    private typealias Maker = (UnsafeMutablePointer<OpaquePointer?>) -> reglow_status

    /// Noisy measurements of pictures, and the library's of the same.
    private func measured(_ problem: Problem, count: Int, seed: UInt64 = 0) throws -> [ImageMeasurement] {
        try (0 ..< count).map { index in
            let truth = try picture(height: Self.shape.height, width: Self.shape.width, phase: Float(index) / 3)
            let scene = try problem.scene(around: Problem.ImageSize(truth.shape))
            let whole = try picture(height: scene.size.height, width: scene.size.width, phase: Float(index) / 3)
            let a = try problem.forwardOperator(imageShape: whole.shape, seed: seed, threads: 1)
            let y = try Degradation(a, noiseDeviation: 0.05, seed: UInt64(index)).measure(whole.pixels)
            if case .compressive = problem { return ImageMeasurement(vector: y, seed: seed) }
            return ImageMeasurement(try Image(shape: a.measurementShape, pixels: y), seed: seed)
        }
    }

    @Test func imagesAreThoseOfTheLibrary() throws {
        let loaded = try LoadedModel(coupling: .affine)
        let size = Problem.ImageSize(Self.shape)
        let cases: [(Maker, Problem, seed: UInt64)] = [
            ({ reglow_problem_denoise($0) }, .denoise, 0),
            ({ reglow_problem_deblur("uniform:3", REGLOW_BORDER_UNKNOWN, $0) }, .deblur(try .uniform(3), border: .unknown), 0),
            ({ reglow_problem_superresolve(2, nil, REGLOW_BORDER_UNKNOWN, $0) }, .superresolve(scale: 2), 0),
            ({ reglow_problem_inpaint_random(0.5, 3, $0) }, .inpaint(.random(0.5)), 3),
            ({ reglow_problem_compressive(100, size.height, size.width, 4, $0) }, .compressive(measurements: 100, image: size), 4),
        ]
        for (maker, problem, seed) in cases {
            let handle = try LoadedModel.made(maker)
            defer { reglow_problem_free(handle) }
            let measurements = try measured(problem, count: 2, seed: seed)
            let call = RestoreCall(measurements.flatMap(\.values), shape: measurements[0].shape, count: 2)
            let (status, result) = call.run(loaded, handle)
            defer { reglow_result_free(result) }
            expectOK(status)
            var options = SolverOptions()
            options.maximumEvaluations = 20
            let expected = try Restorer(prior: loaded.glow, options: options, threads: 1).restore(
                measurements, problem: problem, regularization: .noiseVariance(.known(0.05)))
            #expect(reglow_result_count(result) == 2)
            for index in 0 ..< 2 {
                #expect(image(index, of: result).bits == expected[index].image.pixels.bits)
                let (facts, twin) = (facts(index, of: result), expected[index])
                #expect(facts.status == REGLOW_OK && facts.objective == twin.restoration.objective)
                #expect(facts.data_fidelity == twin.restoration.dataFidelity && facts.prior == twin.restoration.prior)
                #expect(facts.evaluations == twin.evaluations && facts.passes == twin.passes && facts.noise == 0.05)
                #expect(facts.regularization_weight == twin.regularizationWeight && facts.is_regularization_settled == 1)
                #expect(facts.stop == reglow_stop(twin.restoration.stop) && facts.windows == 0 && facts.mirrored_objective.isNaN)
                #expect(facts.missing_pixels == twin.missing.count && facts.certainty == REGLOW_NOT_ESTIMATED)
                #expect(facts.iterate_count == twin.trace.entries.count)
            }
        }
    }

    /// Each option makes the difference that it makes in the library.
    @Test func optionsAreThoseOfTheLibrary() throws {
        let loaded = try LoadedModel()
        let blur = try LoadedModel.made { reglow_problem_deblur("uniform:3", REGLOW_BORDER_PERIODIC, $0) }
        defer { reglow_problem_free(blur) }
        let problem = Problem.deblur(try .uniform(3), border: .periodic)
        let measurement = try measured(problem, count: 1)[0]
        let start = try picture(height: 10, width: 12, phase: 0.7)
        struct Twin {
            var options = SolverOptions()
            var rule = RegularizationRule.noiseVariance(.known(0.05))
            var gradientPrecision: Precision?
            var start: Initialization?
            var image: Image?
        }
        let cases: [(String, (inout RestoreCall) -> Void, (inout Twin) -> Void)] = [
            ("estimated", { $0.options.noise = REGLOW_NOISE_ESTIMATED }, { $0.rule = .noiseVariance(.estimated) }),
            (
                "fixed", { ($0.options.rule, $0.options.regularization_weight) = (REGLOW_RULE_FIXED, 1e-3) }, { $0.rule = .fixed(1e-3) }
            ),
            ("discrepancy", { $0.options.rule = REGLOW_RULE_DISCREPANCY }, { $0.rule = .discrepancy(.known(0.05)) }),
            ("whiteness", { $0.options.rule = REGLOW_RULE_WHITENESS }, { $0.rule = .whiteness }),
            ("lbfgs", { $0.options.minimizer = REGLOW_MINIMIZER_LBFGS }, { $0.options.minimizer = .lbfgs() }),
            ("adam", { $0.options.minimizer = REGLOW_MINIMIZER_ADAM }, { $0.options.minimizer = .adam() }),
            ("descent", { $0.options.minimizer = REGLOW_MINIMIZER_GRADIENT_DESCENT }, { $0.options.minimizer = .gradientDescent }),
            ("gauss-newton", { $0.options.minimizer = REGLOW_MINIMIZER_GAUSS_NEWTON }, { $0.options.minimizer = .gaussNewton() }),
            (
                "synthesis",
                { ($0.options.minimizer, $0.options.formulation) = (REGLOW_MINIMIZER_LBFGS, REGLOW_SYNTHESIS) },
                { ($0.options.minimizer, $0.options.formulation) = (.lbfgs(), .synthesis) }
            ),
            ("evaluations", { $0.options.max_evaluations = 3 }, { $0.options.maximumEvaluations = 3 }),
            (
                "tolerance", { ($0.options.gradient_tolerance, $0.options.progress_tolerance) = (0.1, 0.1) },
                { ($0.options.gradientTolerance, $0.options.progressTolerance) = (0.1, 0.1) }
            ),
            ("self-ensemble", { $0.options.self_ensemble = 1 }, { $0.options.selfEnsemble = true }),
            ("full map", { $0.options.full_map = 1 }, { $0.options.includeLogDeterminant = true }),
            ("bf16 gradients", { $0.options.gradients = REGLOW_GRADIENTS_BF16 }, { $0.gradientPrecision = .bf16 }),
            ("zero", { $0.options.start = REGLOW_START_ZERO }, { $0.start = .zero }),
            ("adjoint", { $0.options.start = REGLOW_START_ADJOINT }, { $0.start = .normalizedAdjoint }),
            ("random", { ($0.options.start, $0.options.start_seed) = (REGLOW_START_RANDOM, 8) }, { $0.start = .random(seed: 8) }),
            (
                "image", { ($0.start, $0.measurements.start_channels) = (start.pixels, 3) }, { $0.image = start }
            ),
        ]
        var images: [[UInt32]] = []
        for (name, change, twinChange) in cases {
            var call = RestoreCall(measurement.values, shape: measurement.shape)
            change(&call)
            let (status, result) = call.run(loaded, blur)
            defer { reglow_result_free(result) }
            expectOK(status)
            var twin = Twin()
            twin.options.maximumEvaluations = 20
            twinChange(&twin)
            var started = measurement
            started.start = twin.image
            let expected = try Restorer(
                prior: loaded.glow, gradientPrecision: twin.gradientPrecision, options: twin.options, threads: 1
            ).restore([started], problem: problem, regularization: twin.rule, start: twin.start)[0]
            #expect(image(0, of: result).bits == expected.image.pixels.bits, "\(name)")
            images.append(image(0, of: result).bits)
            let found = facts(0, of: result)
            #expect(found.path_count == expected.regularizationPath.count, "\(name)")
            for number in 0 ..< found.path_count {
                var step = reglow_path_step()
                step.size = MemoryLayout<reglow_path_step>.size
                expectOK(reglow_result_path_step(result, 0, number, &step))
                let twin = expected.regularizationPath[number]
                #expect(step.regularization_weight == twin.regularizationWeight && step.measure == twin.measure, "\(name)")
            }
            if name == "self-ensemble" { #expect(found.mirrored_objective == expected.mirrored?.objective) }
            if name == "estimated" {
                #expect(found.estimated_noise == expected.noiseEstimate?.deviation && found.certainty != REGLOW_NOT_ESTIMATED)
                #expect(
                    notes(of: result).contains { $0.image == 0 && $0.text.contains("noise") || $0.text.contains("little of the picture") })
            }
        }
        #expect(Set(images).count == images.count)
    }

    /// A restorer serves many calls, and each has the bits of a call of its own.
    @Test func aRestorerLearnsAndForgetsNothing() throws {
        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        let measurements = try measured(.denoise, count: 3)
        var call = RestoreCall([], shape: Self.shape)
        let restorer = try LoadedModel.made { handle in
            withUnsafePointer(to: call.options) { reglow_restorer_new(loaded.handle, problem, $0, handle) }
        }
        expectOK(reglow_problem_free(problem))
        let alone = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(alone) }
        for measurement in measurements {
            call.values = measurement.values
            let (status, own) = call.run(loaded, alone)
            expectOK(status)
            var result: OpaquePointer?
            expectOK(call.withMeasurements { reglow_restorer_run(restorer, $0, &result) })
            #expect(image(0, of: result).bits == image(0, of: own).bits)
            reglow_result_free(result)
            reglow_result_free(own)
        }
        expectOK(reglow_restorer_free(restorer))
        var result: OpaquePointer?
        expectRefused(call.withMeasurements { reglow_restorer_run(restorer, $0, &result) }, REGLOW_BAD_HANDLE, "released")
    }

    /// Masks of the measurement, clipped values, and an inpainting mask together.
    @Test func whatIsNotTrustedDoesNotCount() throws {
        let loaded = try LoadedModel()
        let known = (0 ..< 120).map { UInt8($0 % 7 == 0 ? 0 : 1) }
        let problem = try LoadedModel.made { reglow_problem_inpaint_mask(known, 1, 10, 12, $0) }
        defer { reglow_problem_free(problem) }
        var values = try measured(.denoise, count: 1)[0].values
        var call = RestoreCall(values, shape: Self.shape)
        call.trusted = (0 ..< 360).map { UInt8($0 % 11 == 0 ? 0 : 3) }
        call.measurements.trusted_channels = 3
        call.measurements.saturated = 0.62
        let (status, result) = call.run(loaded, problem)
        expectOK(status)
        let keep = (0 ..< 360).map { known[$0 % 120] != 0 && $0 % 11 != 0 && values[$0] < 0.62 }
        var measurement = ImageMeasurement(try Image(shape: Self.shape, pixels: values), trusted: keep)
        var options = SolverOptions()
        options.maximumEvaluations = 20
        let restorer = Restorer(prior: loaded.glow, options: options, threads: 1)
        let expected = try restorer.restore([measurement], problem: .denoise, regularization: .noiseVariance(.known(0.05)))[0]
        #expect(image(0, of: result).bits == expected.image.pixels.bits)
        #expect(facts(0, of: result).missing_values == keep.count { !$0 })
        #expect(notes(of: result).contains { $0.text.contains("taken as saturated") })
        #expect(notes(of: result).contains { $0.text.contains("are missing") })
        // Whatever stands there.
        for index in keep.indices where !keep[index] { values[index] = index % 2 == 0 ? .nan : 0.9 }
        call.values = values
        call.measurements.saturated = 0
        call.trusted = keep.map { $0 ? 1 : 0 }
        let (second, other) = call.run(loaded, problem)
        expectOK(second)
        #expect(image(0, of: other).bits == image(0, of: result).bits)
        measurement.start = nil
        reglow_result_free(result)
        reglow_result_free(other)
    }

    /// A grey measurement gives a grey image, the mean of the channels.
    @Test func greyStaysGrey() throws {
        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        let grey = try picture(height: 10, width: 12, channels: 1)
        let (status, result) = RestoreCall(grey.pixels, shape: grey.shape).run(loaded, problem)
        defer { reglow_result_free(result) }
        expectOK(status)
        var options = SolverOptions()
        options.maximumEvaluations = 20
        let expected = try Restorer(prior: loaded.glow, options: options, threads: 1).restore(
            [ImageMeasurement(grey)], problem: .denoise, regularization: .noiseVariance(.known(0.05)))[0]
        #expect(image(0, of: result).bits == (try expected.image.channelMean()).pixels.bits)
        #expect(facts(0, of: result).shape.channels == 1 && notes(of: result).contains { $0.image == -1 && $0.text.contains("grey") })
    }

    /// One that fails is alone in it, and the call says which.
    @Test func oneFailureLeavesTheOthers() throws {
        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        var values = try measured(.denoise, count: 3).flatMap(\.values)
        values[360 + 5] = .nan
        let (status, result) = RestoreCall(values, shape: Self.shape, count: 3).run(loaded, problem)
        defer { reglow_result_free(result) }
        expectRefused(status, REGLOW_BAD_ARGUMENT, "image 1", "not a finite number")
        #expect((0 ..< 3).map { facts($0, of: result).status } == [REGLOW_OK, REGLOW_BAD_ARGUMENT, REGLOW_OK])
        #expect(image(1, of: result) == [] && image(2, of: result).count == 360)
        #expect(String(cString: reglow_result_message(result, 1)).contains("not a finite number"))
        #expect(reglow_result_message(result, 0) == nil)
        var copy = [Float](repeating: 0, count: 360)
        expectRefused(reglow_result_copy_image(result, 1, &copy, 360), REGLOW_BAD_ARGUMENT, "image 1 is not there")
    }

    /// A picture that does not fit the memory is restored in windows.
    @Test func littleMemoryMakesWindows() throws {
        let loaded = try LoadedModel()
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        let large = try picture(height: 256, width: 320)
        var call = RestoreCall(large.pixels, shape: large.shape, evaluations: 2)
        let resident = AvailableMemory.resident().now
        let whole = try RestorationPlanner(
            Restorer(prior: loaded.glow, threads: 1), problem: .denoise
        ).plan(large.shape, resident: 0, limit: nil).memoryBytes
        call.options.memory_limit = resident + whole * 7 / 8
        let (status, result) = call.run(loaded, problem)
        defer { reglow_result_free(result) }
        expectOK(status)
        let facts = facts(0, of: result)
        #expect(facts.windows >= 2 && facts.objective.isNaN && facts.iterate_count == 0 && facts.shape.width == 320)
        #expect(notes(of: result).contains { $0.text.contains("windows of up to") })
        call.options.memory_limit = 1 << 20
        let (refused, none) = call.run(loaded, problem)
        expectRefused(refused, REGLOW_OUT_OF_MEMORY, "memory")
        #expect(none == nil)
    }
}

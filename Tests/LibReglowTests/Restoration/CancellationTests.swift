import KernelInterface
import TestSupport
import Testing

/// What a caller hears during a call, and how it ends one.
@Suite struct CancellationTests {
    /// What the functions of a caller saw.
    private final class Heard {
        var iterates: [reglow_iterate] = []
        var images: [[Float]] = []
        var polls = 0
        var notes: [String] = []
        var endingAtIterate = Int.max
        var endingAtPoll = Int.max
        var again: (() -> reglow_status)?
        var nested: [reglow_status] = []

        static func at(_ context: UnsafeMutableRawPointer?) -> Heard { Unmanaged<Heard>.fromOpaque(context!).takeUnretainedValue() }
    }

    private static let shape = ImageShape(channels: 3, height: 10, width: 12)

    private func call(_ heard: Heard, count: Int = 1) throws -> RestoreCall {
        let values = try (0 ..< count).flatMap { index in
            zip(try picture(height: 10, width: 12, phase: Float(index)).pixels, normalNumbers(360, seed: UInt64(index))).map {
                $0 + 0.05 * $1
            }
        }
        var call = RestoreCall(values, shape: Self.shape, count: count)
        call.options.gradient_tolerance = 0
        call.options.progress_tolerance = 0
        call.options.context = Unmanaged.passUnretained(heard).toOpaque()
        call.options.on_iterate = { iterate, context in
            let heard = Heard.at(context)
            heard.iterates.append(iterate!.pointee)
            var image = [Float](repeating: .nan, count: 360)
            if reglow_iterate_image(iterate, &image, 360) == REGLOW_OK { heard.images.append(image) }
            if let again = heard.again { heard.nested.append(again()) }
            return heard.iterates.count >= heard.endingAtIterate ? 1 : 0
        }
        call.options.on_poll = { context in
            Heard.at(context).polls += 1
            return Heard.at(context).polls >= Heard.at(context).endingAtPoll ? 1 : 0
        }
        call.options.on_note = { _, text, context in Heard.at(context).notes.append(String(cString: text!)) }
        return call
    }

    @Test func iteratesAreHeardAndKept() throws {
        let (loaded, heard) = (try LoadedModel(), Heard())
        let problem = try LoadedModel.made { reglow_problem_inpaint_random(0.3, 1, $0) }
        defer { reglow_problem_free(problem) }
        var call = try call(heard)
        call.options.self_ensemble = 1
        let (status, result) = call.run(loaded, problem)
        defer { reglow_result_free(result) }
        expectOK(status)
        let facts = facts(0, of: result)
        #expect(facts.iterate_count == heard.iterates.count && heard.polls >= facts.evaluations)
        for (number, said) in heard.iterates.enumerated() {
            var kept = reglow_iterate()
            kept.size = MemoryLayout<reglow_iterate>.size
            expectOK(reglow_result_iterate(result, 0, number, &kept))
            #expect(kept.objective == said.objective && kept.evaluations == said.evaluations && kept.is_mirrored == said.is_mirrored)
            #expect(kept.data_fidelity == said.data_fidelity && kept.step == said.step && kept.unknown == said.unknown)
            #expect(said.windows == 1 && kept.windows == 1 && said.size == MemoryLayout<reglow_iterate>.size)
        }
        #expect(heard.iterates.contains { $0.is_mirrored != 0 } && heard.iterates[0].is_mirrored == 0)
        #expect(heard.images.count == heard.iterates.count && heard.images.allSatisfy { $0.allSatisfy(\.isFinite) })
        #expect(heard.notes == notes(of: result).map(\.text))
        #expect(heard.notes.contains { $0.contains("36 of 120 pixels (30 %) are missing") })
        var kept = reglow_iterate()
        kept.size = MemoryLayout<reglow_iterate>.size
        var image = [Float](repeating: 0, count: 360)
        expectRefused(reglow_result_iterate(result, 0, facts.iterate_count, &kept), REGLOW_BAD_ARGUMENT, "iterate")
        expectRefused(reglow_iterate_image(&kept, &image, 360), REGLOW_BAD_ARGUMENT, "not the one that on_iterate was given")
    }

    @Test func anIterateCancels() throws {
        let (loaded, heard) = (try LoadedModel(), Heard())
        let problem = try LoadedModel.made { reglow_problem_inpaint_random(0.3, 1, $0) }
        defer { reglow_problem_free(problem) }
        heard.endingAtIterate = 4
        let (status, result) = try call(heard).run(loaded, problem)
        defer { reglow_result_free(result) }
        expectRefused(status, REGLOW_CANCELLED, "cancelled")
        let facts = facts(0, of: result)
        #expect(facts.status == REGLOW_CANCELLED && facts.stop == REGLOW_STOP_CANCELLED && heard.iterates.count == 4)
        // It is the best point so far.
        #expect(facts.objective <= heard.iterates[3].objective && facts.evaluations <= heard.iterates[3].evaluations + 1)
        #expect(image(0, of: result).count == 360 && String(cString: reglow_result_message(result, 0)).contains("best point so far"))
    }

    @Test(arguments: [1, 3]) func aPollCancels(poll: Int) throws {
        let (loaded, heard) = (try LoadedModel(), Heard())
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        heard.endingAtPoll = poll
        var call = try call(heard, count: 3)
        call.options.max_batch = 1
        let (status, result) = call.run(loaded, problem)
        defer { reglow_result_free(result) }
        expectRefused(status, REGLOW_CANCELLED)
        #expect((0 ..< 3).allSatisfy { facts($0, of: result).status == REGLOW_CANCELLED } && heard.polls == poll)
        // Those that did not begin have no image.
        #expect(image(2, of: result) == [] && facts(2, of: result).stop == REGLOW_STOP_NONE)
    }

    @Test func aPictureInWindowsIsCancelledWhole() throws {
        let (loaded, heard) = (try LoadedModel(), Heard())
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        let large = try picture(height: 256, width: 320)
        var call = try call(heard)
        call.values = large.pixels
        call.measurements.shape = reglow_shape(channels: 3, height: 256, width: 320)
        let whole = try RestorationPlanner(
            Restorer(prior: loaded.glow, threads: 1), problem: .denoise
        ).plan(large.shape, resident: 0, limit: nil).memoryBytes
        call.options.memory_limit = AvailableMemory.resident().now + whole * 7 / 8
        call.options.max_evaluations = 3
        heard.endingAtIterate = 2
        let (status, result) = call.run(loaded, problem)
        defer { reglow_result_free(result) }
        expectRefused(status, REGLOW_CANCELLED)
        #expect(heard.iterates.count == 2 && heard.iterates[1].windows >= 2 && heard.images.isEmpty)
        #expect(image(0, of: result) == [])
    }

    /// A function of the caller's may use the library, but not the restorer that runs.
    @Test func aRestorerIsBusyWithinItsCall() throws {
        let (loaded, heard) = (try LoadedModel(), Heard())
        let problem = try LoadedModel.made { reglow_problem_denoise($0) }
        defer { reglow_problem_free(problem) }
        let call = try call(heard)
        let restorer = try LoadedModel.made { handle in
            withUnsafePointer(to: call.options) { reglow_restorer_new(loaded.handle, problem, $0, handle) }
        }
        defer { reglow_restorer_free(restorer) }
        heard.endingAtIterate = 3
        heard.again = {
            var (shape, y) = (reglow_shape(channels: 3, height: 10, width: 12), [Float](repeating: 0, count: 360))
            expectOK(reglow_problem_apply(problem, &shape, [Float](repeating: 1, count: 360), 1, &y))
            var inner: OpaquePointer?
            return call.withMeasurements { reglow_restorer_run(restorer, $0, &inner) }
        }
        var result: OpaquePointer?
        expectRefused(call.withMeasurements { reglow_restorer_run(restorer, $0, &result) }, REGLOW_CANCELLED)
        #expect(heard.nested == [REGLOW_BUSY, REGLOW_BUSY, REGLOW_BUSY])
        reglow_result_free(result)
    }
}

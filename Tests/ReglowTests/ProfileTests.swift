import Reglow
import Testing

@Suite struct ProfileTests {
    private static let solverPhases: [Phase] = [.apply, .adjoint, .vectors, .minimizer, .setup, .initialPoint]
    private static let passPhases: [Phase] = [.squeeze, .network, .combine, .affineCotangent, .logDeterminant]
    private static let maps: [Phase] = [.forward, .inverse, .forwardJVP, .forwardVJP, .inverseJVP, .inverseVJP]
    private static let groups: [Phase] = maps + [.level, .iteration, .dataFidelity, .start, .wayBack]
    private static let all = solverPhases + passPhases + groups + [.waiting, .loop]

    private static func names(_ phases: [Phase]) -> Set<String> { Set(phases.map { "\($0.name)" }) }

    /// Three images in a batch and one of another size; the operator has a parallel loop of its own.
    private func solve(
        _ formulation: Formulation, _ coupling: GlowArchitecture.Coupling, threads: Int, recorder: PhaseRecorder?
    ) throws -> [RestoredImage] {
        var options = SolverOptions()
        options.minimizer = .lbfgs()
        options.formulation = formulation
        options.maximumEvaluations = 6
        let restorer = Restorer(
            prior: try Sample.prior(coupling: coupling), options: options, threads: threads, recorder: recorder)
        let problem = Problem.compressive(measurements: 60, image: Problem.ImageSize(height: 8, width: 8))
        let measurements = try (0 ..< 3).map { index in
            try Sample.measurement(of: try Sample.image(height: 8, width: 8, phase: Double(index)), problem)
        }
        let other = [ImageMeasurement(try Sample.image(height: 12, width: 10))]
        return try restorer.restore(measurements, problem: problem) + restorer.restore(other, problem: .deblur(.uniform(3)))
    }

    @Test func phasesAreToldApart() {
        #expect(Set(Self.all.map(\.number)).count == Self.all.count)
        #expect(Self.names(Self.all).count == Self.all.count)
    }

    @Test(arguments: Formulation.allCases, [1, 2, 3])
    func everyEventLiesWhereItBelongs(_ formulation: Formulation, threads: Int) throws {
        for coupling in [GlowArchitecture.Coupling.additive, .affine] {
            let recorder = PhaseRecorder(threads: threads)
            _ = try solve(formulation, coupling, threads: threads, recorder: recorder)
            let trace = try RecordedTrace(
                ChromeTrace.encode(recorder, process: "a \"test\"", otherData: ["model": "tiny\\1"]))
            #expect(trace.otherData == ["model": "tiny\\1", "dropped_events": "0"])
            #expect(trace.threadNames.keys.sorted() == Array(1 ... threads))
            #expect(Set(trace.events.map(\.thread)).isSubset(of: trace.threadNames.keys))
            for event in trace.events {
                let parent = event.parent ?? ""
                #expect(Self.names(Self.all).contains(event.category))
                #expect(event.name.hasPrefix(event.category))
                if Self.names(Self.passPhases).contains(event.category) { #expect(isInPass(parent), "\(event)") }
                if event.category == "level" { #expect(Self.names(Self.maps).contains(parent), "\(event)") }
                if Self.names(Self.maps).contains(event.category), event.thread == 1 {
                    #expect(["iteration", "start", "way back"].contains(parent), "\(event)")
                }
                if event.category == "operator apply" { #expect(parent == "data fidelity", "\(event)") }
            }
            let seen = Set(trace.events.map(\.category))
            #expect(seen.isSuperset(of: Self.names([.squeeze, .network, .combine, .level, .iteration, .apply, .adjoint, .minimizer])))
            #expect(seen.contains("affine coupling") == (coupling == .affine))
            #expect(Set(trace.events.filter { $0.category == "level" }.map(\.name)) == ["level 1", "level 2"])
        }
    }

    /// The pass to the image ends with an unsqueeze that belongs to no level.
    private func isInPass(_ parent: String) -> Bool { parent == "level" || Self.names(Self.maps).contains(parent) }

    @Test(arguments: Formulation.allCases, [1, 2])
    func thePhasesOfTheCallingThreadAddUp(_ formulation: Formulation, threads: Int) throws {
        let recorder = PhaseRecorder(threads: threads)
        let restored = try solve(formulation, .affine, threads: threads, recorder: recorder)
        let profile = Profile(recorder)
        #expect(profile.threads == threads && profile.droppedEvents == 0)
        #expect(profile.secondsBetweenPhases >= 0)
        let sum = profile.phases.reduce(profile.secondsBetweenPhases) { $0 + $1.seconds }
        #expect(abs(sum - profile.seconds) <= 1e-9 * profile.seconds)
        #expect(profile.phases.map(\.seconds) == profile.phases.map(\.seconds).sorted(by: >))
        for row in profile.phases + profile.groups {
            #expect(row.calls > 0 && row.seconds >= 0 && row.seconds <= profile.seconds)
            #expect(abs(row.percent - 100 * row.seconds / profile.seconds) <= 1e-9)
            #expect(threads > 1 || row.secondsOfOtherThreads == 0)
        }
        #expect(Set(profile.groups.map(\.phase)).isSubset(of: Self.names(Self.groups)))

        // The three images of the batch use up the budget together.
        let evaluations = restored[..<3].map(\.restoration.evaluations)
        #expect(evaluations == [6, 6, 6])
        let iterations = 6 + restored[3].restoration.evaluations
        func calls(_ phase: Phase) -> Int? { (profile.phases + profile.groups).first { $0.phase == "\(phase.name)" }?.calls }
        #expect(calls(.iteration) == iterations)
        #expect(calls(formulation == .analysis ? .forwardVJP : .inverseVJP) == iterations)
    }

    @Test(arguments: Formulation.allCases) func recordingChangesNoBit(_ formulation: Formulation) throws {
        let recorder = PhaseRecorder(threads: 2)
        let plain = try solve(formulation, .affine, threads: 2, recorder: nil)
        #expect((0 ..< 2).allSatisfy { recorder.events(worker: $0).isEmpty && recorder.totals(worker: $0).isEmpty })
        let recorded = try solve(formulation, .affine, threads: 2, recorder: recorder)
        #expect(!recorder.events(worker: 0).isEmpty)
        for (a, b) in zip(plain, recorded) {
            #expect(a.image == b.image)
            #expect(a.restoration.latent == b.restoration.latent)
            #expect(a.restoration.trace.entries.map(\.objective) == b.restoration.trace.entries.map(\.objective))
        }
    }

    /// What the limit drops is missing from the trace, which says so, and not from the times.
    @Test func aFullRecorderSaysWhatIsMissing() throws {
        let recorder = PhaseRecorder(threads: 2, eventLimit: 100)
        _ = try solve(.analysis, .additive, threads: 2, recorder: recorder)
        let trace = try RecordedTrace(ChromeTrace.encode(recorder, process: "test"))
        #expect(trace.events.count <= 100)
        #expect(trace.otherData["dropped_events"] == "\(recorder.droppedEvents)")
        #expect(Profile(recorder).droppedEvents > 0)
        #expect(Profile(recorder).groups.first { $0.phase == "iteration" }?.calls ?? 0 > 6)
    }

    @Test func theProfileOfABenchmarkIsThatOfItsTimedIterations() throws {
        func run(_ recorder: PhaseRecorder?) throws -> IterationBenchmark.Result {
            try IterationBenchmark(
                prior: try Sample.prior(), size: Problem.ImageSize(height: 8, width: 8), batch: 2, threads: 2, repetitions: 3,
                recorder: recorder
            ).run()
        }
        #expect(try run(nil).profile == nil)
        let recorder = PhaseRecorder(threads: 2)
        let profile = try #require(try run(recorder).profile)
        let iterations = try #require(profile.groups.first { $0.phase == "iteration" })
        #expect(iterations.calls == 6 && iterations.seconds == profile.seconds)
        #expect(profile.secondsBetweenPhases >= 0)
        #expect(profile.groups.first { $0.phase == "inverseVJP" }?.calls == 3)
        let trace = try RecordedTrace(ChromeTrace.encode(recorder, process: "test"))
        #expect(trace.events.filter { $0.thread == 1 && $0.parent == nil }.allSatisfy { $0.category == "iteration" })
    }
}

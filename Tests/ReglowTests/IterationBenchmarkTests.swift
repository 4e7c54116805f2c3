import Foundation
import Reglow
import Testing

@Suite struct IterationBenchmarkTests {
    /// The figures hang together; how large they are is for the benchmark to say.
    @Test func theReportHoldsTogether() throws {
        let benchmark = IterationBenchmark(
            prior: try Sample.prior(coupling: .affine), size: Problem.ImageSize(height: 8, width: 8), batch: 2, threads: 2,
            repetitions: 3)
        let result = try benchmark.run()
        for seconds in [result.analysis, result.synthesis] {
            #expect(seconds.min > 0 && seconds.min <= seconds.median && seconds.median <= seconds.p95)
        }
        #expect(result.gflop > 0 && result.peakGflops > 0)
        #expect(abs(result.gflops - result.gflop / min(result.analysis.min, result.synthesis.min)) <= 1e-9 * result.gflops)
        #expect(abs(result.percentOfPeak - 100 * result.gflops / result.peakGflops) <= 1e-9 * result.percentOfPeak)
        #expect(result.threads == 2 && result.batch == 2 && result.precision == "fp32")
        let selected = try InstructionSet.selected()
        #expect(result.isa == selected.rawValue)
    }

    /// A pass is the map that recorded the point; what is around the flow is a part of an iteration.
    @Test func thePartsHoldTogether() throws {
        let benchmark = PartsBenchmark(
            prior: try Sample.prior(coupling: .affine), size: Problem.ImageSize(height: 8, width: 12), batch: 2, threads: 2,
            repetitions: 3, problems: ["denoise": .denoise, "hole": .inpaint(.hole(4))])
        let result = try benchmark.run()
        #expect(Set(result.around.keys) == ["denoise", "hole"])
        for share in result.around.values.flatMap({ [$0.analysis, $0.synthesis] }) {
            let share = try #require(share)
            #expect(share > 0 && share < 1)
        }
        for pass in ["forward", "inverse"] {
            let seconds = try #require(result.maps[pass]).seconds
            for map in [pass, pass + "JVP", pass + "VJP"] {
                let cost = try #require(result.maps[map])
                #expect(cost.seconds > 0 && cost.passes == cost.seconds / seconds)
            }
        }
    }

    @Test func aProblemThatDoesNotFitIsRefused() throws {
        let benchmark = PartsBenchmark(
            prior: try Sample.prior(), size: Problem.ImageSize(height: 8, width: 8), batch: 1, threads: 1, repetitions: 1,
            problems: ["hole": .inpaint(.hole(20))])
        #expect(throws: OperatorError.self) { try benchmark.run() }
    }

    @Test func theKeysAreThoseOfTheContract() throws {
        let benchmark = IterationBenchmark(
            prior: try Sample.prior(), size: Problem.ImageSize(height: 8, width: 8), batch: 1, threads: 1, repetitions: 1)
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(benchmark.run())) as? [String: Any]
        let keys = Set(try #require(object).keys)
        #expect(
            keys.isSuperset(of: [
                "analysis", "synthesis", "gflop", "gflops", "peak_gflops", "percent_of_peak", "peak_memory_bytes", "isa",
                "precision", "threads",
            ]))
    }
}

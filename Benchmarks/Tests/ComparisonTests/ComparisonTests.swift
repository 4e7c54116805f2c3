import Comparison
import Foundation
import Testing

private func measurement(share: Double) -> Results.Measurement {
    Results.Measurement(operations: 2e9, rate: share * 1e11, peak: 1e11)
}

@Test func readsTheExportOfTheLibrary() throws {
    let export = """
        [{"name": "Kernels/a - b/gather - FLOP/s", "value": 500, "unit": "#"},
         {"name": "Kernels/a - b/gather - Peak FLOP/s", "value": 1000, "unit": "#"},
         {"name": "Kernels/a - b/gather - Percent of peak", "value": 50, "unit": "#"},
         {"name": "Kernels/a - b/gather - Operations", "value": 20, "unit": "#"}]
        """
    let results = try Results(exported: Data(export.utf8))
    let expected = Results.Measurement(operations: 20, rate: 500, peak: 1000)
    #expect(results.measurements == ["Kernels/a - b/gather": expected])
    #expect(expected.share == 0.5)
    #expect(expected.seconds == 0.04)
}

@Test func refusesAResultWithoutAPeak() {
    let export = #"[{"name": "a - FLOP/s", "value": 5}, {"name": "a - Operations", "value": 1}]"#
    #expect(throws: ResultsError.self) { try Results(exported: Data(export.utf8)) }
}

@Test(arguments: [(0.8, false), (0.74, false), (0.72, true), (0.9, false)])
func flagsASlowdownOfTenPercent(share: Double, isSlower: Bool) {
    let baseline = Baseline(processor: "p", shares: ["a": 0.8])
    let results = Results(measurements: ["a": measurement(share: share), "new": measurement(share: 0.1)])
    #expect(baseline.slower(results) == (isSlower ? ["a"] : []))
}

@Test func anUpdateKeepsTheOthersOfTheSameProcessorOnly() {
    let results = Results(measurements: ["a": measurement(share: 0.5)])
    var baseline = Baseline(processor: "p", shares: ["a": 0.8, "b": 0.7])
    baseline.update(results, processor: "p")
    #expect(baseline == Baseline(processor: "p", shares: ["a": 0.5, "b": 0.7]))
    baseline.update(results, processor: "q")
    #expect(baseline == Baseline(processor: "q", shares: ["a": 0.5]))
}

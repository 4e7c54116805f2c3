import Comparison
import Foundation
import Testing

private let machine = Machine(cpu: "p", isa: "avx2", threads: 2)
private let other = Machine(cpu: "p", isa: "avx2", threads: 4)

private func measurement(share: Double, peak: Double = 1e11) -> Results.Measurement {
    Results.Measurement(operations: 2e9, rate: share * peak, peak: peak)
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

@Test(arguments: [
    #"[{"name": "a - FLOP/s", "value": 5}, {"name": "a - Operations", "value": 1}]"#,
    #"[{"name": "a - FLOP/s", "value": 5}, {"name": "a - Operations", "value": 1}, {"name": "a - Peak FLOP/s", "value": 0}]"#,
    #"[{"name": "a", "value": 5}]"#, "{}", "",
])
func refusesResultsThatAreNotWhole(export: String) {
    #expect(throws: ResultsError.self) { try Results(exported: Data(export.utf8)) }
}

@Test func ofTwoRunsTheOneNearerToItsPeakCounts() {
    var results = Results(measurements: ["a": measurement(share: 0.8, peak: 5e10), "b": measurement(share: 0.5)])
    results.merge(Results(measurements: ["a": measurement(share: 0.7), "b": measurement(share: 0.6), "c": measurement(share: 0.1)]))
    #expect(
        results.measurements == [
            "a": measurement(share: 0.8, peak: 5e10), "b": measurement(share: 0.6), "c": measurement(share: 0.1),
        ])
}

@Test func readsTheMachineFromWhatTheCommandSays() throws {
    let info = #"{"cpu": "p", "isa": "avx2", "precision": "fp32", "supported": ["portable", "avx2"], "threads": 2}"#
    #expect(try JSONDecoder().decode(Machine.self, from: Data(info.utf8)) == machine)
}

@Test(arguments: [(0.8, false), (0.74, false), (0.72, true), (0.9, false)])
func flagsASlowdownOfTenPercent(share: Double, isSlower: Bool) {
    let baseline = Baseline(machine: machine, shares: ["a": 0.8])
    let results = Results(measurements: ["a": measurement(share: share), "new": measurement(share: 0.1)])
    #expect(baseline.slower(results) == (isSlower ? ["a"] : []))
    #expect(Verdict(results, machine: machine, baseline: baseline).slower == (isSlower ? ["a"] : []))
}

/// A machine that runs at half its speed for a while takes twice the time, and half the peak with it.
@Test func aSlowMachineIsNoSlowBenchmark() {
    let baseline = Baseline(machine: machine, shares: ["a": 0.8])
    let results = Results(measurements: ["a": measurement(share: 0.8, peak: 5e10)])
    #expect(baseline.slower(results) == [])
}

@Test func aMachineWithoutABaselineGetsTheTableAlone() {
    let results = Results(measurements: ["a": measurement(share: 0.4)])
    let verdict = Verdict(results, machine: machine, baseline: nil)
    #expect(verdict.slower == [] && verdict.lines.count == 1)
    #expect(verdict.lines[0].contains("no baseline") && verdict.lines[0].contains("--update"))
}

@Test func eachMachineHasAFileOfItsOwn() {
    #expect(machine.fileName == "p-avx2-2.json" && other.fileName == "p-avx2-4.json")
    let named = Machine(cpu: "Intel(R) Xeon(R) Platinum 8581C CPU @ 2.10GHz/x", isa: "avx512bf16", threads: 2)
    #expect(named.fileName == "Intel-R-Xeon-R-Platinum-8581C-CPU-2-10GHz-x-avx512bf16-2.json")
}

@Test func anUpdateKeepsTheOthers() {
    var baseline = Baseline(machine: machine, shares: ["a": 0.8, "b": 0.7])
    baseline.update(Results(measurements: ["a": measurement(share: 0.5)]))
    #expect(baseline == Baseline(machine: machine, shares: ["a": 0.5, "b": 0.7]))
}

/// Of a gather, which is no arithmetic, as of a product.
@Test(arguments: [0.912_34, 0.1, 0.000_123_456, 1.000_04])
func aBaselineKeepsAShareToFourDigits(share: Double) throws {
    var baseline = Baseline(machine: machine)
    baseline.update(Results(measurements: ["Kernels/a": measurement(share: share)]))
    let read = try Baseline(stored: try baseline.stored())
    #expect(read == baseline)
    let kept = try #require(read.shares["Kernels/a"])
    #expect(abs(kept - share) <= 0.5e-3 * share)
    #expect("\(kept)".filter { $0.isNumber }.drop { $0 == "0" }.count <= 4)
}

@Test(arguments: ["", "[]", #"{"machine": {"cpu": "p", "isa": "avx2", "threads": 2}, "shares": {"a": 0}}"#])
func refusesABrokenBaseline(stored: String) {
    #expect(throws: ResultsError.self) { try Baseline(stored: Data(stored.utf8)) }
}

@Test func theTableIsInTheOrderOfItsNamesByModule() {
    let names = ["Kernels/level 10", "Kernels/level 9", "GlowModel/a"]
    let results = Results(measurements: Dictionary(uniqueKeysWithValues: names.map { ($0, measurement(share: 0.25)) }))
    let lines = Table(results, baseline: Baseline(machine: machine, shares: ["Kernels/level 9": 0.2])).lines
    let firsts = lines.map { line in line.components(separatedBy: "  ")[0] }
    #expect(firsts == ["GlowModel", "GlowModel/a", "", "Kernels", "Kernels/level 9", "Kernels/level 10"])
    #expect(lines[4].contains("80.00 ms"))
    #expect(lines[4].hasSuffix("25.0    100.0       25.0   -20.0 %  faster"))
    #expect(lines[5].hasSuffix("new"))
    #expect(Table(results, baseline: nil).lines.allSatisfy { !$0.hasSuffix("new") && !$0.hasSuffix(" ") })
}

import Reglow
import TestSupport
import Testing

/// `reglow bench`.
@Suite struct BenchCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test func bench() throws {
        let report = try Command.succeed(
            "bench", "--random", "2,2,16", "--size", "32x16", "--batch", "2", "--repeats", "3", "--json", "-", in: folder
        ).json()
        for key in ["gflop", "gflops", "peak_gflops", "percent_of_peak", "peak_memory_bytes", "isa", "precision", "threads"] {
            #expect(report[key] != nil, "\(key)")
        }
        for method in ["analysis", "synthesis"] {
            let seconds = try #require(report[method] as? [String: Double])
            #expect(Set(seconds.keys) == ["min", "median", "p95"])
        }
        #expect(report["maps"] == nil && report["around"] == nil)
    }

    @Test func benchParts() throws {
        let call = ["bench", "--parts", "--random", "2,2,16", "--repeats", "3", "--threads", "2"]
        let report = try Command.run(call + ["--size", "24x20", "--json", "-"], in: folder).json()
        #expect(report["analysis"] != nil)
        let maps = try #require(report["maps"] as? [String: [String: Double]])
        #expect(Set(maps.keys) == ["forward", "forwardJVP", "forwardVJP", "inverse", "inverseJVP", "inverseVJP"])
        #expect(maps.values.allSatisfy { Set($0.keys) == ["seconds", "passes"] })
        let around = try #require(report["around"] as? [String: [String: Double]])
        #expect(Set(around.keys) == ["deblur", "superres_x2", "superres_x4", "inpaint_random", "inpaint_hole"])
        #expect(around.values.allSatisfy { Set($0.keys) == ["analysis", "synthesis"] })

        let text = try Command.run(call + ["--size", "24x20"], in: folder).output
        for word in ["forwardVJP", "passes", "inpaint_hole"] { #expect(text.contains(word)) }
        try Command.fail(1, naming: ["20"], arguments: call + ["--size", "16x16"], in: folder)
    }
}

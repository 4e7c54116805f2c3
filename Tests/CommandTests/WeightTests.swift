import Foundation
import Testing

@Suite struct WeightTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeModel()
        try folder.makeFolder("y")
        for name in ["a", "b"] {
            try folder.writePicture("\(name).png", phase: name == "a" ? 0 : 1)
            try Command.succeed("degrade", "\(name).png", "--problem", "denoise", "--noise", "0.05", "--output", "y/\(name).npy", in: folder)
        }
    }

    private func restore(_ more: [String]) throws -> (report: [String: Any], results: [[String: Any]]) {
        let report = try Command.run(
            ["restore", "y", "--problem", "denoise", "--prior", "tiny.safetensors", "--iterations", "40", "--output", "x/", "--json", "-"]
                + more, in: folder
        ).json()
        return (report, try #require(report["results"] as? [[String: Any]]))
    }

    @Test(arguments: ["discrepancy", "whiteness"])
    func thePathIsInTheReport(rule: String) throws {
        let (report, results) = try restore(["--weight", rule, "--noise", "0.05"])
        #expect(report["weight_rule"] as? String == rule)
        #expect(report["weight"] == nil)
        for result in results {
            let path = try #require(result["weight_path"] as? [[String: Any]])
            #expect(path.count > (rule == "whiteness" ? 1 : 0))
            for step in path {
                #expect(Set(step.keys) == ["weight", "data_fidelity", "prior", "measure", "evaluations"])
            }
            let step = try #require(path.first { $0["weight"] as? Double == result["weight"] as? Double })
            #expect(step["data_fidelity"] as? Double == result["data_fidelity"] as? Double)
            #expect(path.compactMap { $0["evaluations"] as? Int }.reduce(0, +) == result["evaluations"] as? Int)
            #expect(result["weight_settled"] is Bool)
        }
        #expect(results[0]["weight"] as? Double != results[1]["weight"] as? Double)
    }

    @Test func theNoiseOfEachMeasurementIsEstimated() throws {
        let (report, results) = try restore(["--noise", "auto"])
        #expect(report["noise"] == nil)
        #expect(report["weight_rule"] as? String == "noise-variance")
        for result in results {
            let noise = try #require(result["noise"] as? Double)
            #expect((0.03 ... 0.07).contains(noise))
            #expect(abs(try #require(result["weight"] as? Double) / (noise * noise) - 1) < 1e-9)
            #expect(result["weight_path"] == nil)
        }
    }

    @Test func withoutARuleNothingChanges() throws {
        let (report, results) = try restore(["--noise", "0.05"])
        #expect(report["noise"] as? Double == 0.05)
        for weight in [report["weight"]] + results.map({ $0["weight"] }) {
            #expect(abs(try #require(weight as? Double) / (0.05 * 0.05) - 1) < 1e-9)
        }
        #expect(results.allSatisfy { $0["weight_path"] == nil && $0["weight_settled"] == nil })
    }

    @Test func thePathCanBeRead() throws {
        let ending = try Command.succeed(
            "restore", "y/a.npy", "--problem", "denoise", "--prior", "tiny.safetensors", "--iterations", "40", "--output", "x.png",
            "--weight", "whiteness", in: folder)
        #expect(ending.output.contains(#/, weight [0-9.e-]+ of [0-9.e-]+, [0-9.e-]+/#))
    }

    @Test(arguments: [
        ["--weight", "guess"], ["--weight", "nan"], ["--weight", ""], ["--noise", "automatic"], ["--noise", "-1"],
        ["--noise", "auto", "--problem", "compressive", "--measurements", "9"],
        ["--weight", "whiteness", "--problem", "compressive", "--measurements", "9"],
    ])
    func badOptions(_ options: [String]) throws {
        let problem = options.contains("--problem") ? [] : ["--problem", "denoise"]
        try Command.fail(
            64, naming: [options[0]], arguments: ["restore", "y/a.npy", "--prior", "tiny.safetensors", "--output", "x.png"] + problem + options,
            in: folder)
    }

    @Test func tooFewPixelsToEstimateFrom() throws {
        try folder.writePicture("small.png", height: 4, width: 4)
        try Command.fail(
            1, naming: ["small.png", "noise"],
            arguments: [
                "restore", "small.png", "--problem", "denoise", "--noise", "auto", "--prior", "tiny.safetensors", "--output", "x.png",
            ], in: folder)
    }
}

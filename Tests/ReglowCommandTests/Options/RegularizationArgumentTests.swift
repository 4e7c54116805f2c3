import Foundation
import TestSupport
import Testing

@Suite struct RegularizationArgumentTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.makeFolder("y")
        for name in ["a", "b"] {
            try folder.writePicture("\(name).png", phase: name == "a" ? 0 : 1)
            try Command.succeed(
                "degrade", "\(name).png", "--problem", "denoise", "--noise", "0.05", "--output", "y/\(name).npy", in: folder)
        }
    }

    private func restore(_ more: [String]) throws -> (report: [String: Any], results: [[String: Any]]) {
        let report = try Command.run(
            [
                "restore", "y", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "40", "--output", "x/",
                "--json", "-",
            ]
                + more, in: folder
        ).json()
        return (report, try #require(report["results"] as? [[String: Any]]))
    }

    @Test(arguments: ["discrepancy", "whiteness"])
    func thePathIsInTheReport(rule: String) throws {
        let (report, results) = try restore(["--regularization-weight", rule, "--noise", "0.05"])
        #expect(report["regularization_rule"] as? String == rule)
        #expect(report["regularization_weight"] == nil)
        for result in results {
            let path = try #require(result["regularization_path"] as? [[String: Any]])
            #expect(path.count > (rule == "whiteness" ? 1 : 0))
            for step in path {
                #expect(Set(step.keys) == ["regularization_weight", "data_fidelity", "prior", "measure", "evaluations"])
            }
            let step = try #require(path.first { $0["regularization_weight"] as? Double == result["regularization_weight"] as? Double })
            #expect(step["data_fidelity"] as? Double == result["data_fidelity"] as? Double)
            #expect(path.compactMap { $0["evaluations"] as? Int }.reduce(0, +) == result["evaluations"] as? Int)
            #expect(result["regularization_settled"] is Bool)
        }
        #expect(results[0]["regularization_weight"] as? Double != results[1]["regularization_weight"] as? Double)
    }

    @Test func theNoiseOfEachMeasurementIsEstimated() throws {
        let (report, results) = try restore(["--noise", "auto"])
        #expect(report["noise"] == nil)
        #expect(report["regularization_rule"] as? String == "noise-variance")
        for result in results {
            let noise = try #require(result["noise"] as? Double)
            #expect((0.03 ... 0.07).contains(noise))
            #expect((0.8 ... 1).contains(try #require(result["regularization_weight"] as? Double) / (noise * noise)))
            #expect(result["regularization_path"] == nil)
        }
    }

    @Test func withoutARuleNothingChanges() throws {
        let (report, results) = try restore(["--noise", "0.05"])
        #expect(report["noise"] as? Double == 0.05)
        for weight in [report["regularization_weight"]] + results.map({ $0["regularization_weight"] }) {
            #expect(abs(try #require(weight as? Double) / (0.05 * 0.05) - 1) < 1e-9)
        }
        #expect(results.allSatisfy { $0["regularization_path"] == nil && $0["regularization_settled"] == nil })
    }

    @Test func thePathCanBeRead() throws {
        let ending = try Command.succeed(
            "restore", "y/a.npy", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "40", "--output", "x.png",
            "--regularization-weight", "whiteness", in: folder)
        #expect(ending.output.contains(#/, lambda [0-9.e-]+ of [0-9.e-]+, [0-9.e-]+/#))
    }

    @Test(arguments: [
        ["--regularization-weight", "guess"], ["--regularization-weight", "nan"], ["--regularization-weight", ""],
        ["--noise", "automatic"], ["--noise", "-1"],
        ["--noise", "auto", "--problem", "compressive", "--measurements", "9"],
        ["--regularization-weight", "whiteness", "--problem", "compressive", "--measurements", "9"],
    ])
    func badOptions(_ options: [String]) throws {
        let problem = options.contains("--problem") ? [] : ["--problem", "denoise"]
        try Command.fail(
            64, naming: [options[0]],
            arguments: ["restore", "y/a.npy", "--prior", "tiny.safetensors", "--output", "x.png"] + problem + options,
            in: folder)
    }

    /// The picture is taken as it is, and the user is told.
    @Test func tooFewPixelsToEstimateFrom() throws {
        let picture = try folder.writePicture("small.png", height: 4, width: 4)
        let ending = try Command.succeed(
            "restore", "small.png", "--problem", "denoise", "--noise", "auto", "--prior", "tiny.safetensors", "--output", "x.png", "--json",
            "-", in: folder)
        let result = try #require((try ending.json()["results"] as? [[String: Any]])?.first)
        let estimate = try #require(result["noise_estimate"] as? [String: Any])
        #expect(estimate["verdict"] as? String == "too-few-pixels")
        #expect((estimate["notes"] as? [String])?.count == 1)
        #expect(ending.messages.contains("small.png: the noise is estimated at sigma 0.0011: too little of the picture"))
        for (a, b) in zip(try folder.image("x.png").pixels, picture.pixels) { #expect(abs(a - b) < 1.5 / 255) }
    }
}

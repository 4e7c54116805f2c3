import Foundation
import TestSupport
import Testing

@Suite struct ProfileOptionTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.writePicture("u.png")
    }

    private func restore(_ output: String, _ more: String...) -> [String] {
        ["restore", "u.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "5", "--threads", "2"]
            + ["--output", output] + more
    }

    private func trace(_ name: String) throws -> (phases: Set<String>, threads: Set<Int>, otherData: [String: String]) {
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(try folder.bytes(name))) as? [String: Any])
        let events = try #require(object["traceEvents"] as? [[String: Any]]).filter { $0["ph"] as? String == "X" }
        return (
            Set(events.compactMap { $0["cat"] as? String }), Set(events.compactMap { $0["tid"] as? Int }),
            try #require(object["otherData"] as? [String: String])
        )
    }

    @Test func aRestorationIsProfiledAndKeepsItsBits() throws {
        let plain = try Command.run(restore("plain.npy"), in: folder)
        #expect(plain.status == 0 && !plain.messages.contains("profile"), "\(plain.messages)")
        let ending = try Command.run(restore("x.npy", "--profile", "p.json", "--trace", "t.csv", "--json", "-"), in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try folder.bytes("x.npy") == folder.bytes("plain.npy"))
        let trace = try trace("p.json")
        #expect(
            trace.phases.isSuperset(of: [
                "reading files", "loading the prior", "setup", "iteration", "forward", "forwardVJP", "level", "coupling network",
                "shift-add and mixing", "operator apply", "operator adjoint", "minimizer and line search", "writing files",
            ]))
        #expect(trace.threads.isSubset(of: [1, 2]))
        #expect(
            Set(trace.otherData.keys)
                == ["version", "isa", "precision", "threads", "model", "size", "dropped_events"])
        #expect(trace.otherData["threads"] == "2" && trace.otherData["size"] == "16x16")
        for word in ["profile: ", "threads 2", "coupling network", "writing files", "between phases", "iteration"] {
            #expect(ending.messages.contains(word), "\(word)")
        }
        let profile = try #require(try ending.json()["profile"] as? [String: Any])
        #expect((profile["phases"] as? [[String: Any]])?.contains { $0["phase"] as? String == "coupling network" } == true)
        #expect(profile["seconds_between_phases"] is Double)
    }

    @Test func aBenchmarkIsProfiled() throws {
        let ending = try Command.succeed(
            "bench", "--random", "2,2,16", "--size", "32x16", "--batch", "2", "--repeats", "3", "--profile", "p.json", "--json", "-",
            in: folder)
        #expect(ending.messages.contains("coupling network"))
        let profile = try #require(try ending.json()["profile"] as? [String: Any])
        let groups = try #require(profile["groups"] as? [[String: Any]])
        #expect(groups.first { $0["phase"] as? String == "iteration" }?["calls"] as? Int == 6)
        let trace = try trace("p.json")
        #expect(trace.phases.isSuperset(of: ["iteration", "forward", "inverseVJP", "coupling network"]))
        #expect(trace.otherData["model"] == "random 2,2,16" && trace.otherData["size"] == "32x16")
    }

    @Test func aQuietCommandWritesTheTraceOnly() throws {
        let ending = try Command.run(restore("x.png", "--profile", "p.json", "--quiet"), in: folder)
        #expect(ending.status == 0 && ending.messages.isEmpty)
        #expect(try trace("p.json").phases.contains("iteration"))
    }

    @Test func aProfileThatCannotBeWrittenStopsTheCommand() throws {
        let before = try folder.contents()
        try Command.fail(1, naming: ["nofolder/p.json"], arguments: restore("x.png", "--profile", "nofolder/p.json"), in: folder)
        let bench = ["bench", "--random", "2,2,16", "--size", "16x16", "--repeats", "1", "--profile"]
        try Command.fail(1, naming: ["nofolder/p.json"], arguments: bench + ["nofolder/p.json"], in: folder)
        try Command.fail(64, naming: ["--profile"], arguments: bench + ["-"], in: folder)
        try Command.fail(64, naming: ["x.png"], arguments: restore("x.png", "--profile", "x.png"), in: folder)
        try Command.fail(64, naming: ["u.png"], arguments: restore("x.png", "--profile", "u.png"), in: folder)
        #expect(try folder.contents() == before)
    }
}

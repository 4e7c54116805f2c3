import Foundation
import Reglow
import TestSupport
import Testing

/// `reglow info`.
@Suite struct InfoCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test func info() throws {
        let machine = try Command.succeed("info", "--json", "-", "--threads", "3", in: folder).json()
        #expect(machine["threads"] as? Int == 3)
        #expect(machine["precision"] as? String == "fp32")
        #expect((machine["cpu"] as? String)?.isEmpty == false)
        let priors = try #require(machine["priors"] as? [[String: Any]])
        #expect(priors.contains { $0["name"] as? String == machine["default_prior"] as? String })

        let model = try Command.succeed("info", "tiny.safetensors", "--size", "30x30", "--json", "-", in: folder).json()
        let architecture = try GlowArchitecture(levels: 2, steps: 2, hidden: 8)
        let macs = architecture.multiplyAccumulates(height: 32, width: 32)
        #expect(model["parameters"] as? Int == architecture.parameterCount)
        #expect((model["cost"] as? [String: Any])?["macs_per_pass"] as? Double == macs.couplings + macs.mixings)
        #expect(try Command.succeed("info", in: folder).output.contains("faces64 (default)"))
    }
}

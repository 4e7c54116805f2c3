import Foundation
import TestSupport
import Testing

/// The command finds its priors where `make install` puts them.
@Suite struct ShippedFilesTests {
    @Test func priorsAreBesideTheBinFolder() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("bin")
        try folder.makeFolder("share/reglow/models")
        let installed = URL(fileURLWithPath: folder.file("bin/reglow"))
        try FileManager.default.copyItem(at: Command.executable, to: installed)
        try folder.writeModel("share/reglow/models/tiny.safetensors")
        try folder.file("share/reglow/models/damaged.safetensors", holding: [1, 2, 3])

        let info = try Command.run(["info", "--json", "-"], in: folder, executable: installed)
        #expect(info.status == 0, "\(info.messages)")
        let priors = try #require(try info.json()["priors"] as? [[String: Any]])
        #expect(priors.map { $0["name"] as? String } == ["damaged", "tiny"])
        #expect(priors[0]["error"] is String && priors[1]["error"] == nil)

        let model = try Command.run(["info", "tiny", "--json", "-"], in: folder, executable: installed)
        #expect(model.status == 0, "\(model.messages)")
        let unknown = try Command.run(["info", "faces64-bootstrap"], in: folder, executable: installed)
        #expect(unknown.status == 1 && unknown.errors.first?.contains("shipped: damaged, tiny") == true, "\(unknown.messages)")
    }
}

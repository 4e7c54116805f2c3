import CheckpointImport
import Files
import TestSupport
import Testing

@Suite struct ImportConfigurationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ text: String) throws -> ImportConfiguration {
        try ImportConfiguration(path: folder.file("c.json", holding: Array(text.utf8)))
    }

    @Test func entriesAreFoundAtAnyDepth() throws {
        let configuration = try read(
            #"{"K": 3, "n_bits_x": 5, "Data": {"size": 64, "list": [1, {"dataset": "no"}]}, "flow": {"dataset": "faces", "x": null}, "last": true}"#
        )
        #expect(configuration.noiseLevels == 5 && configuration.dataset == "faces")
        #expect(configuration.imageSize?.height == 64 && configuration.imageSize?.width == 64)
        #expect(try read("{}").noiseLevels == nil && ImportConfiguration().imageSize == nil)
    }

    @Test func valuesThatCannotBeAreNotTaken() throws {
        let configuration = try read(#"{"n_bits_x": 5.5, "size": -3, "dataset": 4}"#)
        #expect(configuration.noiseLevels == nil && configuration.imageSize == nil && configuration.dataset == nil)
    }

    @Test(arguments: ["", "[1]", "{", "\"text\"", "{\"a\": 1"]) func whatIsNoObjectIsAnError(text: String) {
        #expect(throws: FileError.self) { try read(text) }
    }

    @Test func deepNestingIsNoHarm() {
        _ = try? read(String(repeating: "{\"a\":", count: 5000) + "1" + String(repeating: "}", count: 5000))
        _ = try? read("{\"a\":" + String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000) + "}")
    }

    @Test func aFileThatIsTooLargeIsRefused() {
        #expect(throws: FileError.self) { try read("{\"a\": \"" + String(repeating: "x", count: 1 << 20) + "\"}") }
    }
}

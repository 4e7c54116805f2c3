import Foundation
import TestSupport
import Testing

/// What the user is told stands on standard error and in the report.
@Suite struct NotesTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.writePicture("grey.png", channels: 1)
    }

    @Test func aNoteIsALineAndAnEntryOfTheReport() throws {
        let ending = try Command.succeed(
            "restore", "grey.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "2", "--output", "x.png",
            "--json", "-", in: folder)
        let notes = try notes(ending)
        let grey = try #require(notes.first { $0["about"] == "grey.png" && $0["text"]?.contains("three equal channels") == true })
        let text = try #require(grey["text"])
        #expect(ending.messages.split(separator: "\n").filter { $0.contains(text) }.count == 1)
    }

    @Test func quietKeepsTheNotesOfTheReport() throws {
        let ending = try Command.succeed(
            "degrade", "grey.png", "--problem", "compressive", "--measurements", "20", "--output", "y.npy", "--json", "-", "--quiet",
            in: folder)
        #expect(try notes(ending).contains { $0["about"] == "grey.png" })
        #expect(ending.messages.isEmpty)
    }

    private func notes(_ ending: Command.Ending) throws -> [[String: String]] {
        try #require(try ending.json()["notes"] as? [[String: String]])
    }
}

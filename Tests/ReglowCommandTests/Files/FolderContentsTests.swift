import Foundation
import Reglow
import TestSupport
import Testing

/// What is taken from a folder, and how the rest is told.
@Suite struct FolderContentsTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.makeFolder("y/sub/deep")
        for name in ["a.png", "sub/b.png", "sub/deep/a.npy"] { try folder.writePicture("y/" + name, height: 4, width: 4) }
    }

    private func restore(_ arguments: String...) throws -> Command.Ending {
        try Command.run(
            ["restore"] + arguments + [
                "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "2", "--json", "r.json",
            ],
            in: folder)
    }

    private func skipped() throws -> [String: String] {
        let entries = try #require(try folder.json("r.json")["skipped"] as? [[String: String]])
        return Dictionary(entries.map { ($0["path"] ?? "", $0["reason"] ?? "") }) { a, _ in a }
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: folder.file(name), withDestinationPath: target)
    }

    @Test func whatIsNotTakenIsNamedOnceAndAllOfItIsInTheReport() throws {
        try folder.file("y/.hidden.png", holding: [1])
        try folder.file("y/notes.txt", holding: [1])
        try folder.file("y/zero", holding: [1])
        try link("y/broken.png", to: "nowhere.png")
        #expect(mkfifo(folder.file("y/pipe.png"), 0o600) == 0)
        let ending = try restore("y", "--output", "x")
        #expect(ending.status == 0, "\(ending.messages)")
        let notes = ending.messages.split(separator: "\n").filter { $0.contains("note: y: not taken") }
        #expect(notes.count == 1 && notes[0].contains(".hidden.png") && notes[0].contains("2 more"), "\(ending.messages)")
        let skipped = try skipped()
        #expect(skipped.keys.sorted() == ["y/.hidden.png", "y/broken.png", "y/notes.txt", "y/pipe.png", "y/sub", "y/zero"])
        #expect(skipped["y/sub"]?.contains("--recursive") == true)
        #expect(skipped["y/broken.png"]?.contains("link") == true)
        #expect(try folder.contents("x") == ["a.png"])
    }

    @Test func recursiveKeepsTheFoldersAndEntersNoneTwice() throws {
        try link("y/sub/deep/up", to: "../..")
        try link("y/twin", to: "sub/deep")
        let ending = try restore("y/", "--recursive", "--output", "x")
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try folder.contents("x") == ["a.png", "sub"])
        #expect(try folder.contents("x/sub") == ["b.png", "deep"])
        #expect(try folder.contents("x/sub/deep") == ["a.npy"])
        #expect(try skipped().keys.sorted() == ["y/sub/deep/up", "y/twin"])
    }

    /// The second call would else restore the results of the first.
    @Test func anOutputInsideTheInputIsNotEntered() throws {
        for _ in 0 ..< 2 {
            let ending = try restore("y", "--recursive", "--output", "y/restored")
            #expect(ending.status == 0, "\(ending.messages)")
            #expect(try folder.contents("y/restored") == ["a.png", "sub"])
        }
        #expect(try skipped() == ["y/restored": "the folder of the output"])
    }

    @Test func truthsOfFoldersInFoldersAreFoundByTheirPlace() throws {
        try FileManager.default.copyItem(atPath: folder.file("y"), toPath: folder.file("u"))
        let ending = try restore("y", "--recursive", "--output", "x", "--truth", "u")
        #expect(ending.status == 0, "\(ending.messages)")
        let results = try #require(try folder.json("r.json")["results"] as? [[String: Any]])
        #expect(results.count == 3 && results.allSatisfy { $0["psnr"] is Double })
        try FileManager.default.removeItem(atPath: folder.file("u/sub/deep/a.npy"))
        let missing = try restore("y", "--recursive", "--output", "x", "--truth", "u")
        #expect(missing.status == 1 && missing.errors.first?.contains("sub/deep/a") == true, "\(missing.messages)")
    }

    @Test func aFolderWithoutImagesSaysWhatItHolds() throws {
        try FileManager.default.removeItem(atPath: folder.file("y/a.png"))
        let ending = try restore("y", "--output", "x")
        #expect(ending.status == 1)
        #expect(ending.errors.first?.contains("--recursive") == true, "\(ending.messages)")
    }
}

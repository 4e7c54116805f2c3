import Foundation
import Reglow
import TestSupport
import Testing

/// Which file is restored into which.
@Suite struct RestorePlanTests {
    let folder: TemporaryFolder

    init() throws { folder = try .forManyImages() }

    @Test func outputsKeepBaseNamesAndTruthsAreFoundByThem() throws {
        for (index, name) in ["b.npy", "a.png", "c.d.npy"].enumerated() {
            try folder.writePicture("u/" + (name == "b.npy" ? "b.png" : name), phase: Float(index))
            try folder.writePicture("y/" + name, phase: Float(index))
        }
        try folder.file("y/notes.txt", holding: [1, 2, 3])
        let ending = try folder.restore("y", "--output", "deep/x", "--truth", "u/", "--json", "-")
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try folder.contents("deep/x") == ["a.png", "b.npy", "c.d.npy"])
        let results = try #require(try ending.json()["results"] as? [[String: Any]])
        #expect(results.compactMap { $0["input"] as? String } == ["y/a.png", "y/b.npy", "y/c.d.npy"])
        #expect(results.allSatisfy { $0["psnr"] is Double })
    }

    @Test func namesThatClashOrMissAreErrors() throws {
        try folder.writePicture("y/a.png")
        try folder.writePicture("u/a.png")
        let clash = try folder.restore("y/a.png", "u/a.png", "--output", "x")
        #expect(clash.status == 64, "\(clash.messages)")
        for name in ["y/a.png", "u/a.png", "x/a.png"] { #expect(clash.errors.first?.contains(name) == true, "\(clash.messages)") }
        try folder.writePicture("y/b.png")
        let missing = try folder.restore("y", "--output", "x", "--truth", "u")
        #expect(missing.status == 1 && missing.errors.first?.contains("y/b.png") == true, "\(missing.messages)")
        let oneTruth = try folder.restore("y", "--output", "x", "--truth", "u/a.png")
        #expect(oneTruth.status == 64 && oneTruth.errors.first?.contains("u/a.png") == true, "\(oneTruth.messages)")
        let onto = try folder.restore("y", "--output", "y")
        #expect(onto.status == 64 && onto.errors.first?.contains("y/a.png") == true, "\(onto.messages)")
        try folder.makeFolder("empty")
        let empty = try folder.restore("empty", "--output", "x")
        #expect(empty.status == 1 && empty.errors.first?.contains("empty") == true, "\(empty.messages)")
        #expect(try !folder.contents().contains("x"))
    }
}

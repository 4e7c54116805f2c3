import Foundation
import Reglow
import TestSupport
import Testing

/// What becomes of the others where an image fails.
@Suite struct RestoreOutcomesTests {
    let folder: TemporaryFolder

    init() throws { folder = try .forManyImages() }

    /// Each that fails is named; what was there under its name stays.
    @Test func badImagesAreNamedAtTheEndAndTheOthersAreWritten() throws {
        for name in ["a.npy", "d.npy"] { try folder.writePicture("y/" + name) }
        try folder.file("y/b.npy", holding: try folder.bytes("y/a.npy").prefix(200))
        try folder.file("y/c.png", holding: "no picture".utf8)
        try folder.makeFolder("x")
        try folder.file("x/b.npy", holding: [7])
        try folder.makeFolder("x/d.npy")
        let ending = try folder.restore("y", "--output", "x", "--json", "report.json")
        #expect(ending.status == 1)
        #expect(ending.errors.count == 1, "\(ending.messages)")
        for name in ["y/b.npy", "y/c.png", "x/d.npy", "3 of 4"] {
            #expect(ending.errors.first?.contains(name) == true, "\(name) in \(ending.messages)")
        }
        #expect(try folder.contents("x") == ["a.npy", "b.npy", "d.npy"])
        #expect(try folder.bytes("x/b.npy") == [7])
        let report = try folder.json("report.json")
        let results = try #require(report["results"] as? [[String: Any]])
        #expect(results.compactMap { $0["input"] as? String } == ["y/a.npy", "y/b.npy", "y/c.png", "y/d.npy"])
        #expect(results.map { $0["error"] is String } == [false, true, true, true])
        #expect(results.map { $0["output"] is String } == [true, false, false, false])
        #expect(report["interrupted"] as? Bool == false)
    }

    /// An image that would be too large for any memory is named, and the report is written.
    @Test func whatCannotBePlannedIsTheFailureOfItsImage() throws {
        for name in ["a", "b"] { try folder.writePicture("y/\(name).png", height: 12, width: 12) }
        let ending = try folder.restore("y", "--output", "x", "--scale", "40000", "--noise", "0.01", "--json", "-", problem: "superres")
        #expect(ending.status == 1)
        #expect(ending.errors.count == 1, "\(ending.messages)")
        for name in ["y/a.png: ", "y/b.png: "] { #expect(ending.errors.first?.contains(name) == true, "\(ending.messages)") }
        let results = try #require(try ending.json()["results"] as? [[String: Any]])
        #expect(results.count == 2 && results.allSatisfy { ($0["error"] as? String)?.isEmpty == false })
    }

    /// Numbers near the largest of single precision, which no image holds, overflow inside of the flow.
    @Test(arguments: [1e36, 3e38] as [Float]) func aSolveThatDivergesIsNotWrittenButTheOthersAre(huge: Float) throws {
        for (name, value) in [("good", 0.3), ("huge", huge)] {
            try NumPyArray(shape: [1, 40], values: [Float](repeating: value, count: 40)).write(to: folder.file("y/\(name).npy"))
        }
        try folder.makeFolder("x")
        try folder.file("x/huge.npy", holding: [7])
        let ending = try folder.restore(
            "y", "--output", "x", "--measurements", "40", "--size", "16x16", "--json", "-", problem: "compressive")
        #expect(ending.status == 1)
        #expect(ending.errors.count == 1 && ending.errors[0].contains("y/huge.npy: diverged"), "\(ending.messages)")
        #expect(try folder.contents("x") == ["good.npy", "huge.npy"])
        #expect(try folder.bytes("x/huge.npy") == [7])
        let results = try #require(try ending.json()["results"] as? [[String: Any]])
        #expect(results.map { $0["stop"] as? String == "diverged" } == [false, true])
        #expect(results[1]["diagnosis"] is String && results[1]["output"] == nil)
    }
}

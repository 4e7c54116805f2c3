import Foundation
import Reglow
import TestSupport
import Testing

/// Many images in one call.
@Suite struct FolderTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeModel()
        try folder.makeFolder("y")
        try folder.makeFolder("u")
    }

    private func restore(_ arguments: String..., problem: String = "deblur") throws -> Command.Ending {
        let options = ["--problem", problem, "--prior", "tiny.safetensors"]
        let iterations = arguments.contains("--max-evaluations") ? [] : ["--max-evaluations", "15"]
        return try Command.run(["restore"] + arguments + options + iterations, in: folder)
    }

    @Test func outputsKeepBaseNamesAndTruthsAreFoundByThem() throws {
        for (index, name) in ["b.npy", "a.png", "c.d.npy"].enumerated() {
            try folder.writePicture("u/" + (name == "b.npy" ? "b.png" : name), phase: Float(index))
            try folder.writePicture("y/" + name, phase: Float(index))
        }
        try folder.file("y/notes.txt", holding: [1, 2, 3])
        let ending = try restore("y", "--output", "deep/x", "--truth", "u/", "--json", "-")
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try folder.contents("deep/x") == ["a.png", "b.npy", "c.d.npy"])
        let results = try #require(try ending.json()["results"] as? [[String: Any]])
        #expect(results.compactMap { $0["input"] as? String } == ["y/a.png", "y/b.npy", "y/c.d.npy"])
        #expect(results.allSatisfy { $0["psnr"] is Double })
    }

    @Test func aloneOrWithFourOthersIsTheSame() throws {
        for index in 0 ..< 5 { try folder.writePicture("y/\(index).npy", height: 12, width: 12, phase: Float(index)) }
        #expect(try restore("y", "--output", "x").status == 0)
        for index in 0 ..< 5 {
            #expect(try restore("y/\(index).npy", "--output", "alone.npy").status == 0)
            #expect(try folder.bytes("alone.npy") == folder.bytes("x/\(index).npy"))
        }
    }

    @Test(arguments: Formulation.allCases)
    func oneAndTwoThreadsGiveTheSame(_ method: Formulation) throws {
        try folder.writePicture("y/a.npy", height: 48, width: 40)
        for threads in ["1", "2"] {
            let ending = try restore("y/a.npy", "--output", "\(threads).npy", "--threads", threads, "--method", method.rawValue)
            #expect(ending.status == 0, "\(ending.messages)")
        }
        #expect(try folder.bytes("1.npy") == folder.bytes("2.npy"))
    }

    @Test func sizesMayDiffer() throws {
        try folder.writePicture("y/a.npy", height: 12, width: 9)
        try folder.writePicture("y/b.npy", height: 7, width: 16)
        #expect(try restore("y/a.npy", "y/b.npy", "--output", "x").status == 0)
        #expect(try folder.image("x/a.npy").shape == ImageShape(channels: 3, height: 12, width: 9))
        #expect(try folder.image("x/b.npy").shape == ImageShape(channels: 3, height: 7, width: 16))
    }

    /// Each that fails is named; what was there under its name stays.
    @Test func badImagesAreNamedAtTheEndAndTheOthersAreWritten() throws {
        for name in ["a.npy", "d.npy"] { try folder.writePicture("y/" + name) }
        try folder.file("y/b.npy", holding: try folder.bytes("y/a.npy").prefix(200))
        try folder.file("y/c.png", holding: "no picture".utf8)
        try folder.makeFolder("x")
        try folder.file("x/b.npy", holding: [7])
        try folder.makeFolder("x/d.npy")
        let ending = try restore("y", "--output", "x", "--json", "report.json")
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

    /// More files than are read ahead at once, of two sizes in turn: results are in the order of the inputs.
    @Test func manyImagesKeepTheirOrder() throws {
        for index in 100 ..< 370 {
            try folder.writePicture("y/\(index).npy", height: index % 2 == 0 ? 8 : 4, width: 8, phase: Float(index))
        }
        let ending = try restore("y", "--output", "x", "--max-evaluations", "2", "--json", "-", problem: "denoise")
        #expect(ending.status == 0, "\(ending.messages)")
        let results = try #require(try ending.json()["results"] as? [[String: Any]])
        #expect(results.compactMap { $0["input"] as? String } == (100 ..< 370).map { "y/\($0).npy" })
        #expect(try restore("y/101.npy", "--output", "alone.npy", "--max-evaluations", "2", problem: "denoise").status == 0)
        #expect(try folder.bytes("alone.npy") == folder.bytes("x/101.npy"))
    }

    @Test func namesThatClashOrMissAreErrors() throws {
        try folder.writePicture("y/a.png")
        try folder.writePicture("u/a.png")
        let clash = try restore("y/a.png", "u/a.png", "--output", "x")
        #expect(clash.status == 64, "\(clash.messages)")
        for name in ["y/a.png", "u/a.png", "x/a.png"] { #expect(clash.errors.first?.contains(name) == true, "\(clash.messages)") }
        try folder.writePicture("y/b.png")
        let missing = try restore("y", "--output", "x", "--truth", "u")
        #expect(missing.status == 1 && missing.errors.first?.contains("y/b.png") == true, "\(missing.messages)")
        let oneTruth = try restore("y", "--output", "x", "--truth", "u/a.png")
        #expect(oneTruth.status == 64 && oneTruth.errors.first?.contains("u/a.png") == true, "\(oneTruth.messages)")
        let onto = try restore("y", "--output", "y")
        #expect(onto.status == 64 && onto.errors.first?.contains("y/a.png") == true, "\(onto.messages)")
        try folder.makeFolder("empty")
        let empty = try restore("empty", "--output", "x")
        #expect(empty.status == 1 && empty.errors.first?.contains("empty") == true, "\(empty.messages)")
        #expect(try !folder.contents().contains("x"))
    }

    /// An image that would be too large for any memory is named, and the report is written.
    @Test func whatCannotBePlannedIsTheFailureOfItsImage() throws {
        for name in ["a", "b"] { try folder.writePicture("y/\(name).png", height: 12, width: 12) }
        let ending = try restore("y", "--output", "x", "--scale", "40000", "--noise", "0.01", "--json", "-", problem: "superres")
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
        let ending = try restore(
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

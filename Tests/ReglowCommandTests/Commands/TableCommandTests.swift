import Foundation
import Reglow
import TestSupport
import Testing

/// `reglow table`.
@Suite struct TableCommandTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test func table() throws {
        try folder.writePicture("a.png", height: 24, width: 28)
        try folder.writePicture("b.png", height: 24, width: 28, phase: 1)
        let ending = try Command.succeed(
            "table", "a.png", "b.png", "--prior", "tiny.safetensors", "--max-evaluations", "4", "--output", "t", "--measurements-output",
            "y", "--seed",
            "5", "--json", "-", in: folder)
        let rows = try #require(try ending.json()["rows"] as? [[String: Any]])
        #expect(rows.count == 15)
        #expect(rows.prefix(3).map { $0["method"] as? String } == ["auto", "analysis", "synthesis"])
        #expect(rows.prefix(3).map { $0["solver"] as? String } == ["auto", "lbfgs", "lbfgs"])
        #expect(String(decoding: try folder.bytes("t/table.txt"), as: UTF8.self).contains("auto; analysis, synthesis by lbfgs, at most 4"))
        #expect(rows.allSatisfy { ($0["psnr"] as? [String: Any])?["mean"] is Double })
        #expect(try folder.contents("t") == ["table.csv", "table.json", "table.txt"])
        #expect(String(decoding: try folder.bytes("t/table.csv"), as: UTF8.self).split(separator: "\n").count == 16)
        #expect(try folder.contents("y") == ["deblur", "inpaint-hole", "inpaint-random", "superres-x2", "superres-x4"])
        #expect(try folder.contents("y/inpaint-random") == ["a.mask.png", "a.npy", "b.mask.png", "b.npy"])

        // Image i is measured with the seed plus i, as degrade does it.
        try Command.succeed(
            "degrade", "b.png", "--problem", "inpaint", "--missing", "0.6", "--seed", "6", "--output", "b.npy", "--mask-output",
            "m.png", in: folder)
        #expect(try folder.bytes("b.npy") == folder.bytes("y/inpaint-random/b.npy"))
        #expect(try folder.bytes("m.png") == folder.bytes("y/inpaint-random/b.mask.png"))
    }

    @Test func tableOfSomeProblems() throws {
        try folder.writePicture("a.png", height: 24, width: 28)
        func psnrs(_ problems: String...) throws -> [String: Double] {
            let ending = try Command.run(
                ["table", "a.png", "--prior", "tiny.safetensors", "--solver", "auto", "--max-evaluations", "4", "--json", "-"]
                    + problems.flatMap { ["--problem", $0] }, in: folder)
            let rows = try #require(try ending.json()["rows"] as? [[String: Any]])
            return try Dictionary(
                uniqueKeysWithValues: rows.map {
                    (try #require($0["problem"] as? String), try #require(($0["psnr"] as? [String: Any])?["mean"] as? Double))
                })
        }
        let some = try psnrs("inpaint-hole", "deblur")
        #expect(some == (try psnrs()).filter { ["inpaint-hole", "deblur"].contains($0.key) })
        #expect(some.count == 2)
        try Command.fail(
            64, naming: ["--problem", "deblur"], arguments: ["table", "a.png", "--problem", "deblur", "--problem", "deblur"], in: folder)
        try Command.fail(64, naming: ["--problem", "paint"], arguments: ["table", "a.png", "--problem", "paint"], in: folder)
        try Command.fail(
            64, naming: ["compressive", "denoise"], arguments: ["table", "a.png", "--problem", "compressive"], in: folder)
        let kinds = try psnrs("superres", "inpaint", "denoise")
        #expect(kinds.keys.sorted() == ["denoise", "inpaint-hole", "inpaint-random", "superres-x2", "superres-x4"])
        #expect(kinds["inpaint-hole"] == some["inpaint-hole"])
    }
}

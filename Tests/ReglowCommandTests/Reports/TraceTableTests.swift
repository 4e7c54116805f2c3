import Foundation
import Reglow
import TestSupport
import Testing

@Suite struct TraceTableTests {
    let folder: TemporaryFolder

    init() throws { folder = try .withModel() }

    @Test func theTraceHasALineForEachIterate() throws {
        try folder.writePicture("u.png")
        try Command.succeed("degrade", "u.png", "--problem", "deblur", "--output", "y,1.npy", in: folder)
        try Command.succeed(
            "restore", "y,1.npy", "--problem", "deblur", "--prior", "tiny.safetensors", "--max-evaluations", "12", "--output", "x.png",
            "--trace",
            "t.csv", in: folder)
        let lines = String(decoding: try folder.bytes("t.csv"), as: UTF8.self).split(separator: "\n")
        #expect(lines.first?.hasPrefix("input,evaluation,passes,objective,") == true)
        #expect(lines.first?.contains("psnr") == false)
        #expect(lines.dropFirst().first?.hasPrefix("\"y,1.npy\",1,") == true)
        #expect((3 ... 13).contains(lines.count))
    }

    /// Of images that stop at different times, on a canvas that is larger than they are; the command's own for the last iterates.
    @Test func theTraceHasThePSNROfEachIterate() throws {
        for name in ["u", "y"] { try folder.makeFolder(name) }
        for (index, name) in ["a", "b"].enumerated() {
            try folder.writePicture("u/\(name).png", height: 10, width: 14, phase: Float(index))
            try Command.succeed(
                "degrade", "u/\(name).png", "--problem", "deblur", "--seed", "\(index)", "--output", "y/\(name).npy", in: folder)
        }
        let ending = try Command.succeed(
            "restore", "y", "--problem", "deblur", "--prior", "tiny.safetensors", "--max-evaluations", "30", "--output", "x", "--truth",
            "u",
            "--trace", "t.csv", "--json", "-", in: folder)
        let report = try ending.json()
        let lines = String(decoding: try folder.bytes("t.csv"), as: UTF8.self).split(separator: "\n").map { $0.split(separator: ",") }
        let names = try #require(lines.first)
        #expect(names.last == "psnr")
        let objective = try #require(names.firstIndex(of: "objective"))
        for result in try #require(report["results"] as? [[String: Any]]) {
            let own = lines.filter { $0.first.map(String.init) == result["input"] as? String }
            let values = own.compactMap { line in line.last.flatMap { Double($0) } }
            #expect(own.count > 3 && values.count == own.count)
            #expect(Set(values).count > 1)
            let last = try #require(own.last)
            // Digit by digit: Foundation reads some numbers of JSON two units of the last place off.
            #expect(ending.output.contains(last[objective]))
            #expect(abs((try #require(values.last)) - (try #require(result["psnr"] as? Double))) < 1e-9)
        }
    }
}

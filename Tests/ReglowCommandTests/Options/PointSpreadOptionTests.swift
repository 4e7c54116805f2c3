import Foundation
import Reglow
import TestSupport
import Testing

/// Point spreads as they come: what is told of them, and which are refused.
@Suite struct PointSpreadOptionTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writePicture("u.npy", height: 24, width: 24)
    }

    private func writeSpread(_ name: String, _ height: Int, _ width: Int, _ values: [Float]) throws {
        try NumPyArray(shape: [height, width], values: values).write(to: folder.file(name))
    }

    private func degrade(_ spread: String, _ options: String..., input: String = "u.npy", output: String = "y.npy") throws -> (
        notes: String, report: [String: Any], messages: String
    ) {
        let ending = try Command.run(
            ["degrade", input, "--problem", "deblur", "--noise", "0", "--border", "periodic", "--output", output, "--json", "-"]
                + ["--point-spread", spread] + options, in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        let report = try ending.json()
        let notes = try #require(report["notes"] as? [[String: String]])
        for note in notes { #expect(ending.messages.contains(try #require(note["text"]))) }
        return (notes.compactMap { $0["text"] }.joined(separator: "\n"), report, ending.messages)
    }

    private func refused(_ status: Int32, _ words: [String], _ spread: String, _ options: [String] = []) throws {
        try Command.fail(
            status, naming: words,
            arguments: ["degrade", "u.npy", "--problem", "deblur", "--output", "x.npy", "--point-spread", spread] + options, in: folder)
    }

    /// A Gaussian around this entry, periodic.
    private func gaussian(_ side: Int, at centre: Int) -> [Float] {
        let profile = (0 ..< side).map { index in
            let distance = min(abs(index - centre), side - abs(index - centre))
            return Float(exp(-0.5 * Double(distance * distance) / 1.44))
        }
        return profile.flatMap { row in profile.map { row * $0 } }
    }

    /// Kept as FFT code does, it is recognized, told, and does what the same in the middle does.
    @Test func oneThatIsCentredAtItsCornerIsTold() throws {
        try writeSpread("corner.npy", 24, 24, gaussian(24, at: 0))
        try writeSpread("middle.npy", 24, 24, gaussian(24, at: 12))
        let corner = try degrade("corner.npy")
        #expect(corner.notes.contains("around its first entry, as FFT code"))
        #expect(corner.notes.contains("12 pixels above and 12 pixels left"))
        let blurred = try folder.image("y.npy")
        let middle = try degrade("middle.npy")
        #expect(!middle.notes.contains("first entry"))
        #expect(zip(blurred.pixels, try folder.image("y.npy").pixels).allSatisfy { abs($0 - $1) < 1e-6 })
        _ = try degrade("corner.npy", "--point-spread-centre", "corner")
        #expect(zip(blurred.pixels, try folder.image("y.npy").pixels).allSatisfy { abs($0 - $1) < 1e-6 })
        let asItStands = try degrade("corner.npy", "--point-spread-centre", "middle")
        #expect(asItStands.notes.contains("12 pixels above and 12 pixels left of its centre, row 12 and column 12 of 24x24"))
        let moved = try folder.image("y.npy").pixels
        // Moved by twelve pixels up and left, periodically.
        let isMoved = moved.indices.allSatisfy { index in
            let (channel, row, column) = (index / 576, index / 24 % 24, index % 24)
            let source = channel * 576 + (row + 12) % 24 * 24 + (column + 12) % 24
            return abs(moved[index] - blurred.pixels[source]) < 1e-5
        }
        #expect(isMoved)
    }

    @Test func theCaseOfTheCorner() throws {
        for name in ["corner.npy", "blurred-periodic.npy"] {
            try folder.file(name, holding: try FileBytes.read(PackageFolder.path("Tests/ReglowCommandTests/Cases/psf/\(name)")))
        }
        let ending = try Command.succeed(
            "restore", "blurred-periodic.npy", "--problem", "deblur", "--border", "periodic", "--point-spread", "corner.npy", "--noise",
            "0.005", "--prior", "photos", "--max-evaluations", "30", "--output", "x.npy", "--json", "-", in: folder)
        let report = try ending.json()
        let notes = try #require(report["notes"] as? [[String: String]])
        #expect(notes.contains { $0["about"] == "corner.npy" && $0["text"]?.contains("24 pixels above and 24 pixels left") == true })
        let described = try #require(report["point_spread"] as? [String: Any])
        #expect(described["form"] as? String == "corner.npy")
        #expect(described["centred_at"] as? String == "corner")
        #expect((described["file_shift"] as? [Double])?.allSatisfy { abs($0 + 24) < 1e-3 } == true)
        #expect((described["shift"] as? [Double])?.allSatisfy { abs($0) < 1e-3 } == true)
        // The restored image lies where the blurred one does.
        let (blurred, restored) = (try folder.image("blurred-periodic.npy"), try folder.image("x.npy"))
        let error = zip(blurred.pixels, restored.pixels).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) } / Double(blurred.pixels.count)
        #expect(error < 0.05)
    }

    /// Against the sum over all entries.
    @Test func theCaseOfAnEvenSize() throws {
        try folder.file(
            "even.npy", holding: try FileBytes.read(PackageFolder.path("Tests/ReglowCommandTests/Cases/psf/even-asymmetric.npy")))
        let result = try degrade("even.npy")
        #expect(result.notes.contains("the sum 10.5"))
        #expect(result.notes.contains("1 of the 24 entries of the point spread are negative"))
        let described = try #require(result.report["point_spread"] as? [String: Any])
        #expect(described["height"] as? Int == 4 && described["width"] as? Int == 6)
        #expect(described["centre"] as? [Int] == [2, 3])
        let spread = try NumPyArray.read(folder.file("even.npy"))
        let (image, measured) = (try folder.image("u.npy"), try folder.image("y.npy"))
        for index in measured.pixels.indices {
            let (channel, row, column) = (index / 576, index / 24 % 24, index % 24)
            var sum = 0.0
            for entry in spread.values.indices where spread.values[entry] != 0 {
                let (a, b) = (entry / 6 - 2, entry % 6 - 3)
                let source = channel * 576 + (row - a + 24) % 24 * 24 + (column - b + 24) % 24
                sum += Double(spread.values[entry]) / 10.5 * Double(image.pixels[source])
            }
            #expect(abs(Double(measured.pixels[index]) - sum) < 4e-7)
        }
    }

    @Test func aShiftIsToldInPixels() throws {
        try writeSpread("off.npy", 5, 5, (0 ..< 25).map { $0 == 8 ? 1 : 0 })
        #expect(try degrade("off.npy").notes.contains("1 pixel above and 1 pixel right of its centre, row 2 and column 2"))
        #expect(!(try degrade("off.npy", "--point-spread-centre", "mass").notes.contains("centre of mass of the point spread is")))
        #expect(try folder.image("y.npy").pixels.elementsEqual(folder.image("u.npy").pixels) { abs($0 - $1) < 1e-6 })
        #expect(try degrade("uniform:4").notes.contains("0.5 pixels above and 0.5 pixels left"))
        for form in ["uniform:5", "gaussian:1.5", "gaussian:3,1@30", "motion:9@30", "disk:2.5", "airy:2"] {
            let result = try degrade(form)
            #expect(result.notes.isEmpty, "\(form)")
            #expect((result.report["point_spread"] as? [String: Any])?["form"] as? String == form)
        }
    }

    @Test func whatIsOddOfTheNumbersIsTold() throws {
        try writeSpread("negative.npy", 1, 3, [-1, 4, -1])
        #expect(try degrade("negative.npy").notes.contains("2 of the 3 entries of the point spread are negative, with -100 % of its sum"))
        try writeSpread("veil.npy", 9, 9, gaussian(9, at: 4).map { $0 + 0.1 })
        #expect(try degrade("veil.npy").notes.contains("the rim of the point spread is not dark"))
        try writeSpread("clean.npy", 11, 11, gaussian(11, at: 5))
        #expect(!(try degrade("clean.npy").notes.contains("rim")))
        try writeSpread("flat.npy", 5, 5, [Float](repeating: 1, count: 25))
        #expect(!(try degrade("flat.npy").notes.contains("rim")))
        let one = gaussian(5, at: 2)
        try NumPyArray(shape: [3, 5, 5], values: one + one.reversed() + one.map { $0 * $0 }).write(to: folder.file("colours.npy"))
        #expect(try degrade("colours.npy").notes.contains("differs between its colours"))
        try NumPyArray(shape: [3, 5, 5], values: one + one + one).write(to: folder.file("grey.npy"))
        #expect(!(try degrade("grey.npy").notes.contains("colours")))
    }

    @Test func aRimOfZerosIsCut() throws {
        var values = [Float](repeating: 0, count: 41 * 41)
        for (index, value) in gaussian(11, at: 5).enumerated() { values[(index / 11 + 15) * 41 + index % 11 + 15] = value }
        try writeSpread("large.npy", 41, 41, values)
        try writeSpread("small.npy", 11, 11, gaussian(11, at: 5))
        #expect(try degrade("large.npy").notes.contains("cut from 41x41 to 11x11"))
        let cut = try folder.bytes("y.npy")
        _ = try degrade("small.npy")
        #expect(try folder.bytes("y.npy") == cut)
        try writeSpread("full.npy", 41, 41, [Float](repeating: 1, count: 41 * 41))
        try refused(1, ["41x41", "24x24"], "full.npy", ["--border", "periodic"])
        try refused(1, ["41x41", "24x24"], "uniform:41", ["--border", "periodic"])
    }

    @Test func thoseThatAreNoBlurAreRefused() throws {
        try writeSpread("dark.npy", 3, 3, [Float](repeating: 0, count: 9))
        try refused(1, ["dark.npy", "zero"], "dark.npy")
        try writeSpread("edge.npy", 1, 3, [-1, 0, 1])
        try refused(1, ["edge.npy", "zero"], "edge.npy")
        try writeSpread("negated.npy", 1, 3, [-1, -2, -1])
        try refused(1, ["negated.npy", "-4", "less than zero"], "negated.npy")
    }

    @Test(arguments: [
        ("gausian:2", ["Did you mean gaussian:2?", "motion:LENGTH@DEGREES"]), ("Gaussian:2", ["Did you mean gaussian:2?"]),
        ("uniform", ["Did you mean uniform:SIZE"]), ("box:5", ["Did you mean uniform:5?"]), ("disc:3", ["Did you mean disk:3?"]),
        ("motion:9", ["motion:LENGTH@DEGREES"]), ("motion:9,30", ["motion:LENGTH@DEGREES"]),
        ("gaussian:1,5", ["gaussian:ALONG,ACROSS@DEGREES"]),
        ("defocus:3", ["disk:RADIUS"]), ("sharpen", ["gaussian:SIGMA", "motion:LENGTH@DEGREES"]), ("", ["uniform:SIZE"]),
    ])
    func misspeltFormsAreAnsweredWithTheForms(_ text: String, _ words: [String]) throws {
        try refused(64, ["--point-spread"] + words, text)
    }

    @Test func aFileThatIsMissingIsAnsweredWithTheFormsToo() throws {
        try refused(1, ["nothing.npy", "No such file", "gaussian:SIGMA"], "nothing.npy")
        try refused(64, ["--point-spread-centre"], "uniform:5", ["--point-spread-centre", "corner"])
    }

    /// Where the centre is, and which way an angle goes, stands in the help.
    @Test func theHelpSaysWhereTheCentreIs() throws {
        let help = try Command.succeed("restore", "--help", in: folder).output
        let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("middle entry, row H/2 and column W/2"))
        #expect(words.contains("counter-clockwise"))
        #expect(words.contains("--point-spread-centre"))
    }
}

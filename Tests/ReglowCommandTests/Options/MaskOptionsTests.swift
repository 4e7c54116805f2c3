import Foundation
import Reglow
import TestSupport
import Testing

/// Masks as they come: which pixels are taken for missing, and what is told of it.
@Suite struct MaskOptionsTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        for name in ["holed.png", "mask.png", "mask-0and1.png", "mask-inverted.png", "mask-rgba-transparent.png", "mask-48.png"] {
            try folder.file(name, holding: try FileBytes.read(PackageFolder.path("Tests/ReglowCommandTests/Cases/mask/\(name)")))
        }
    }

    private struct Restored {
        let image: Image
        let notes: [[String: String]]
        let result: [String: Any]

        func texts(about thing: String) -> String {
            notes.filter { $0["about"] == thing }.compactMap { $0["text"] }.joined(separator: "\n")
        }
        var missing: [String: Any] { result["missing"] as? [String: Any] ?? [:] }
    }

    private func restore(_ input: String, _ options: [String], iterations: Int = 4) throws -> Restored {
        let ending = try Command.run(
            ["restore", input, "--noise", "0", "--prior", "tiny.safetensors", "--max-evaluations", "\(iterations)", "--output", "x.npy"]
                + ["--json", "-"] + options, in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        let report = try ending.json()
        let notes = try #require(report["notes"] as? [[String: String]])
        for note in notes { #expect(ending.messages.contains(try #require(note["text"]))) }
        return Restored(
            image: try folder.image("x.npy"), notes: notes, result: try #require((report["results"] as? [[String: Any]])?.first))
    }

    /// 14 x 14 of 64 x 64 pixels are missing, whatever the file says it with; so the restored images are the same.
    @Test(arguments: [["mask.png"], ["mask-0and1.png"], ["mask-rgba-transparent.png"], ["mask-inverted.png", "--mask-inverted"]])
    func everyMaskOfTheHoleIsTheSame(_ mask: [String]) throws {
        let plain = try restore("holed.png", ["--problem", "inpaint", "--mask", "mask.png"])
        let restored = try restore("holed.png", ["--problem", "inpaint", "--mask"] + mask)
        let isSame = restored.image == plain.image
        #expect(isSame)
        #expect(restored.missing["count"] as? Int == 196)
        #expect(restored.missing["fraction"] as? Double == 196.0 / 4096)
        #expect(restored.texts(about: "holed.png").contains("196 of 4096 pixels (4.79 %) are missing"))
        if mask[0] != "mask.png", mask.count == 1 { #expect(!restored.texts(about: mask[0]).isEmpty) }
    }

    @Test func theOppositeMaskIsTold() throws {
        let restored = try restore("holed.png", ["--problem", "inpaint", "--mask", "mask-inverted.png"])
        #expect(restored.texts(about: "mask-inverted.png").contains("196 of the 196 pixels that it keeps are black"))
        #expect(restored.texts(about: "mask-inverted.png").contains("--mask-inverted"))
        #expect(restored.texts(about: "holed.png").contains("3900 of 4096 pixels (95.2 %) are missing"))
        let right = try restore("holed.png", ["--problem", "inpaint", "--mask", "mask.png"])
        #expect(right.texts(about: "mask.png").isEmpty)
    }

    /// With the prior for photographs the hole is filled, and what is known stays as it is.
    @Test(arguments: ["mask.png", "mask-rgba-transparent.png"])
    func aCleanPictureIsFilledAndKept(_ mask: String) throws {
        let holed = try folder.image("holed.png")
        let ending = try Command.run(
            [
                "restore", "holed.png", "--problem", "inpaint", "--noise", "0", "--mask", mask, "--prior", "photos", "--max-evaluations",
                "60",
            ]
                + ["--output", "x.png", "--quiet"], in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        let restored = try folder.image("x.png")
        let known = try folder.image("mask.png").pixels.map { $0 > 0.5 }
        let kept = restored.pixels.indices.allSatisfy { !known[$0 % 4096] || abs(restored.pixels[$0] - holed.pixels[$0]) <= 1.01 / 255 }
        let filled = restored.pixels.indices.allSatisfy { known[$0 % 4096] || restored.pixels[$0] > 0.1 }
        #expect(kept && filled)
    }

    @Test func theMaskIsNamedThatIsWrong() throws {
        func fail(_ words: [String], _ options: [String]) throws {
            try Command.fail(
                1, naming: words,
                arguments: ["restore", "holed.png", "--problem", "inpaint", "--prior", "tiny.safetensors", "--output", "y.png", "--mask"]
                    + options, in: folder)
        }
        try fail(["mask-48.png", "48x48", "64x64", "holed.png"], ["mask-48.png"])
        let grey = ImageShape(channels: 1, height: 64, width: 64)
        try ImageFile.write(try Image(shape: grey, pixels: [Float](repeating: 0, count: 4096)), to: folder.file("black.png"))
        try fail(["black.png", "keeps no pixel"], ["black.png"])
        try ImageFile.write(try Image(shape: grey, pixels: [Float](repeating: 1, count: 4096)), to: folder.file("white.png"))
        try fail(["white.png", "keeps no pixel"], ["white.png", "--mask-inverted"])
        let all = try restore("holed.png", ["--problem", "inpaint", "--mask", "white.png"])
        #expect(all.texts(about: "white.png").contains("keeps every pixel"))
        try ImageFile.write(
            try Image(shape: grey, pixels: (0 ..< 4096).map { Float($0 % 3) / 255 }), to: folder.file("labels.png"))
        try fail(["labels.png", "(2 of 255)"], ["labels.png"])
        try fail(["holed.png", "alpha"], ["alpha"])
        try fail(["nothing.png"], ["nothing.png"])
    }

    @Test func aPicturesOwnAlphaIsItsMask() throws {
        let restored = try restore("mask-rgba-transparent.png", ["--problem", "inpaint", "--mask", "alpha"])
        #expect(restored.missing["count"] as? Int == 196)
        #expect(restored.texts(about: "mask-rgba-transparent.png").contains("196 of 4096 pixels"))
    }

    @Test func softMasksAndArrays() throws {
        let grey = ImageShape(channels: 1, height: 64, width: 64)
        let soft = (0 ..< 4096).map { index in min(1, max(0, Float(index % 64 - 20) / 20)) }
        try ImageFile.write(try Image(shape: grey, pixels: soft), to: folder.file("soft.png"))
        let half = try restore("holed.png", ["--problem", "inpaint", "--mask", "soft.png"])
        #expect(half.texts(about: "soft.png").contains("between black and white"))
        #expect(half.missing["count"] as? Int == 64 * 30)
        let strict = try restore("holed.png", ["--problem", "inpaint", "--mask", "soft.png", "--mask-threshold", "0.97"])
        #expect(strict.missing["count"] as? Int == 64 * 40)
        // Arrays of bytes: 0 and 1, as numbers and as truth values.
        for type in ["|u1", "|b1"] {
            var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (64, 64), }"
            header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
            let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
            let numbers = (0 ..< 4096).map { UInt8($0 < 100 ? 0 : 1) }
            try folder.file("bytes.npy", holding: magic + Array(header.utf8) + numbers)
            #expect(try restore("holed.png", ["--problem", "inpaint", "--mask", "bytes.npy"]).missing["count"] as? Int == 100)
        }
        // Three masks of one array.
        var channels = [Float](repeating: 1, count: 3 * 4096)
        channels[5] = 0
        try NumPyArray(shape: [3, 64, 64], values: channels).write(to: folder.file("each.npy"))
        let each = try restore("holed.png", ["--problem", "inpaint", "--mask", "each.npy"])
        #expect(each.missing["count"] as? Int == 1 && each.missing["values"] as? Int == 1)
        // As a picture, the same is one pixel of all channels.
        try ImageFile.write(
            try Image(shape: ImageShape(channels: 3, height: 64, width: 64), pixels: channels), to: folder.file("coloured.png"))
        let coloured = try restore("holed.png", ["--problem", "inpaint", "--mask", "coloured.png"])
        #expect(coloured.missing["count"] as? Int == 1 && coloured.missing["values"] as? Int == 3)
        #expect(coloured.texts(about: "coloured.png").contains("coloured in 1 pixels"))
    }

    /// Dead pixels: what stands there has no influence on any problem.
    @Test(arguments: [
        ["denoise"], ["deblur", "--point-spread", "uniform:3", "--border", "reflect"], ["deblur", "--point-spread", "gaussian:1"],
        ["superres", "--scale", "2"],
    ])
    func pixelsThatAreNotTrusted(_ problem: [String]) throws {
        let picture = try folder.writePicture("u.npy", height: 16, width: 20)
        var dead = picture.pixels
        var mask = [Float](repeating: 1, count: 320)
        for pixel in stride(from: 7, to: 320, by: 41) {
            mask[pixel] = 0
            for channel in 0 ..< 3 { dead[channel * 320 + pixel] = 1 }
        }
        try ImageFile.write(try Image(shape: picture.shape, pixels: dead), to: folder.file("dead.npy"))
        try ImageFile.write(
            try Image(shape: ImageShape(channels: 1, height: 16, width: 20), pixels: mask), to: folder.file("trust.png"))
        let options = ["--problem"] + problem + ["--mask", "trust.png"]
        let clean = try restore("u.npy", options)
        let spoilt = try restore("dead.npy", options)
        let isSame = clean.image == spoilt.image
        #expect(isSame)
        #expect(spoilt.missing["count"] as? Int == 8)
        #expect(spoilt.texts(about: "dead.npy").contains("8 of 320 pixels (2.5 %) are not trusted"))
    }

    @Test func clippedValuesAreNotTrusted() throws {
        let shape = ImageShape(channels: 3, height: 16, width: 16)
        var pixels = try folder.writePicture("u.npy").pixels
        for pixel in 30 ..< 40 { pixels[pixel] = 1 }
        pixels[256 + 35] = 0.995
        try ImageFile.write(try Image(shape: shape, pixels: pixels), to: folder.file("clipped.npy"))
        let restored = try restore("clipped.npy", ["--problem", "denoise", "--saturated", "0.99"])
        #expect(restored.missing["count"] as? Int == 10 && restored.missing["values"] as? Int == 11)
        #expect(restored.texts(about: "clipped.npy").contains("11 of 768 values are at or above 0.99"))
        let none = try restore("u.npy", ["--problem", "denoise", "--saturated", "1.5"])
        #expect(none.texts(about: "u.npy").contains("nothing is taken as saturated"))
        try Command.fail(
            1, naming: ["clipped.npy", "every pixel"],
            arguments: ["restore", "clipped.npy", "--problem", "denoise", "--prior", "tiny.safetensors", "--output", "y.npy"]
                + ["--saturated", "0.0001"], in: folder)
    }

    /// For degrade too, what is not measured is 0.
    @Test func degradeMeasuresOnlyWhatTheMaskKeeps() throws {
        let ending = try Command.succeed(
            "degrade", "holed.png", "--problem", "deblur", "--point-spread", "uniform:3", "--mask", "mask.png", "--output", "y.npy",
            "--json", "-", in: folder)
        let known = try folder.image("mask.png").pixels.map { $0 > 0.5 }
        let measured = try folder.image("y.npy")
        for (index, value) in measured.pixels.enumerated() where !known[index % 4096] { #expect(value == 0) }
        #expect((try ending.json()["missing"] as? [String: Any])?["count"] as? Int == 196)
    }

    @Test(arguments: [
        (["denoise", "--mask-inverted"], "--mask-inverted"), (["denoise", "--mask-threshold", "0.5"], "--mask-threshold"),
        (["inpaint", "--mask", "mask.png", "--mask-threshold", "1"], "--mask-threshold"),
        (["denoise", "--saturated", "0"], "--saturated"), (["denoise", "--saturated", "nan"], "--saturated"),
        (["compressive", "--measurements", "5", "--mask", "mask.png"], "--mask"),
        (["compressive", "--measurements", "5", "--saturated", "1"], "--saturated"), (["inpaint"], "--mask"),
    ])
    func wrongUsage(_ problem: [String], _ name: String) throws {
        try Command.fail(
            64, naming: [name],
            arguments: ["restore", "holed.png", "--prior", "tiny.safetensors", "--output", "x.png", "--problem"] + problem, in: folder)
    }
}

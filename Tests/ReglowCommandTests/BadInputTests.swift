import Reglow
import TestSupport
import Testing

/// Each fault gives its exit code and one error that names the thing, and leaves an output as it was.
@Suite struct BadInputTests {
    let folder: TemporaryFolder

    init() throws { folder = try .forRefusals() }

    private func restore(_ input: String, _ more: String...) -> [String] {
        ["restore", input, "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "3", "--output", "x.png"] + more
    }

    /// Signature and header of a PNG without pixels; its checksum is right.
    @Test func anImageOfZeroByZero() throws {
        let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
        let header: [UInt8] = [
            0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x08, 0x02, 0x00, 0x00, 0x00, 0xb4, 0xe9, 0xeb, 0x45,
        ]
        try folder.file("zero.png", holding: signature + header)
        try folder.expectRefusal(1, ["zero.png", "zero"], restore("zero.png"))
    }

    @Test func filesThatAreNoImages() throws {
        try folder.file("empty.png", holding: [])
        try folder.file("cut.png", holding: try folder.bytes("good.png").dropLast(40))
        try folder.file("text.png", holding: "not a picture".utf8)
        for name in ["missing.png", "empty.png", "cut.png", "text.png", "."] {
            if name != "." { try folder.expectRefusal(1, [name], restore(name)) }
            try folder.expectRefusal(1, [name == "." ? "folder" : name], ["degrade", name, "--problem", "denoise", "--output", "x.png"])
            try folder.expectRefusal(1, [name == "." ? "folder" : name], ["evaluate", "good.png", name])
        }
    }

    @Test func numbersThatAreNotFinite() throws {
        try folder.writePicture("nan.npy")
        var bytes = try folder.bytes("nan.npy")
        bytes.replaceSubrange(bytes.count - 4 ..< bytes.count, with: [0, 0, 0xC0, 0x7F])
        try folder.file("nan.npy", holding: bytes)
        try folder.expectRefusal(1, ["nan.npy"], restore("nan.npy"))
    }

    /// A single pixel is an image; only a problem that needs more refuses it.
    @Test func onePixel() throws {
        try folder.writePicture("one.png", height: 1, width: 1)
        try Command.succeed(
            "restore", "one.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "3", "--output", "y.png",
            in: folder)
        try folder.expectRefusal(1, ["one.png", "point spread"], ["degrade", "one.png", "--problem", "deblur", "--output", "x.png"])
        try folder.expectRefusal(
            1, ["one.png", "hole"], ["degrade", "one.png", "--problem", "inpaint", "--hole", "2", "--output", "x.png"])
        try folder.expectRefusal(1, ["one.png", "downsampling"], ["degrade", "one.png", "--problem", "superres", "--output", "x.png"])
    }

    @Test func filesThatDoNotFit() throws {
        try folder.writePicture("small.png", height: 8, width: 8)
        let inpaint = ["restore", "good.png", "--problem", "inpaint", "--prior", "tiny.safetensors", "--output", "x.png", "--mask"]
        try folder.expectRefusal(1, ["mask", "8x8", "16x16"], inpaint + ["small.png"])
        try folder.expectRefusal(1, ["nomask.png"], inpaint + ["nomask.png"])
        try folder.expectRefusal(1, ["small.png"], restore("good.png", "--truth", "small.png"))
        try folder.expectRefusal(1, ["small.png"], restore("good.png", "--start", "small.png"))
        try folder.expectRefusal(1, ["small.png"], ["evaluate", "good.png", "small.png"])
        try NumPyArray(shape: [1, 7], values: [Float](repeating: 0.5, count: 7)).write(to: folder.file("y.npy"))
        let compressive = ["restore", "y.npy", "--problem", "compressive", "--measurements", "9", "--size", "8x8"]
        try folder.expectRefusal(1, ["y.npy", "7", "9"], compressive + ["--prior", "tiny.safetensors", "--output", "x.png"])
        let pointSpread = ["degrade", "small.png", "--problem", "deblur", "--output", "x.png", "--point-spread"]
        try folder.expectRefusal(1, ["small.png"], pointSpread + ["uniform:9"])
        try folder.expectRefusal(1, ["nokernel.npy"], pointSpread + ["nokernel.npy"])
    }

    @Test func models() throws {
        let model = try folder.bytes("tiny.safetensors")
        try folder.file("cut.safetensors", holding: model.dropLast(100))
        try folder.file("oversized.safetensors", holding: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F] + model.dropFirst(8))
        try folder.file("overlapping.safetensors", holding: Self.overlapping)
        try folder.file("empty.safetensors", holding: [])
        for name in ["cut.safetensors", "oversized.safetensors", "overlapping.safetensors", "empty.safetensors", "good.png"] {
            try folder.expectRefusal(1, [name], ["restore", "good.png", "--problem", "denoise", "--prior", name, "--output", "x.png"])
            try folder.expectRefusal(1, [name], ["info", name])
            try folder.expectRefusal(1, [name], ["sample", "--prior", name, "--output", "x.png"])
        }
        let unknown = ["restore", "good.png", "--problem", "denoise", "--prior", "no-such-prior", "--output", "x.png"]
        try folder.expectRefusal(1, ["no-such-prior", "faces64-bootstrap"], unknown)
        try folder.expectRefusal(
            1, ["a prior without a name"], ["restore", "good.png", "--problem", "denoise", "--prior", "", "--output", "x.png"])
        try folder.expectRefusal(1, ["tiny.safetensors"], ["verify", "--model", "tiny.safetensors", "--golden", "tiny.safetensors"])
    }

    /// A safetensors file of two tensors that share four of their bytes.
    private static var overlapping: [UInt8] {
        let header = """
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}
            """
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { [UInt8]($0) }
        return length + [UInt8](header.utf8) + [UInt8](repeating: 0, count: 12)
    }

    @Test(arguments: [
        (["--noise", "-0.1"], "--noise"), (["--noise", "nan"], "--noise"), (["--noise", "loud"], "--noise"),
        (["--regularization-weight", "-1"], "--regularization-weight"),
        (["--regularization-weight", "inf"], "--regularization-weight"), (["--max-evaluations", "0"], "--max-evaluations"),
        (["--tolerance", "-1"], "--tolerance"),
        (["--tolerance", "nan"], "--tolerance"), (["--solver", "newton"], "--solver"), (["--method", "best-guess"], "--method"),
        (["--solver", "auto", "--method", "analysis"], "--solver auto"),
        (["--solver", "gauss-newton", "--method", "synthesis"], "--solver gauss-newton"),
        (["--full-map", "--method", "synthesis"], "--full-map"),
        (["--threads", "0"], "--threads"), (["--threads", "-2"], "--threads"), (["--threads", "99999999"], "--threads"),
        (["--noise", "1e300"], "--noise"), (["--precision", "fp16"], "fp16"),
        (["--precision", "int8"], "--precision"),
        (["--seed", "-1"], "--seed"), (["--bogus"], "--bogus"), (["--scale", "2"], "--scale"),
        (["--size", "16x16"], "--size"), (["--json", "x.png"], "x.png"), (["--trace", "good.png"], "good.png"),
    ])
    func optionsOfRestore(_ options: [String], _ name: String) throws {
        try folder.expectRefusal(
            64, [name],
            ["restore", "good.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--output", "x.png"] + options)
    }

    @Test(arguments: [
        (["degrade", "good.png", "--problem", "compressive", "--output", "y.npy"], "--measurements"),
        (["degrade", "good.png", "--output", "x.png"], "--problem"), (["degrade", "good.png", "--problem", "denoise"], "--output"),
        (["degrade", "x.png", "--problem", "denoise", "--output", "x.png"], "x.png"),
        (["restore", "--problem", "denoise", "--output", "x.png"], "measurement"),
        (["restore", "good.png", "--problem", "denoise", "--output", "x.jpg"], "x.jpg"),
        (["bench", "--random", "9,9"], "--random"),
        (["bench", "--random", "2,2,8", "--prior", "tiny.safetensors"], "--random"), (["bench", "--batch", "0"], "--batch"),
        (["bench", "--repeats", "0"], "--repeats"), (["bench", "--size", "64"], "--size"),
        (["sample", "--count", "0", "--output", "s.png"], "--count"),
        (["sample", "--temperature", "-1", "--output", "s.png"], "--temperature"),
        (["sample", "--size", "0x8", "--output", "s.png"], "--size"),
        (["verify", "--model", "tiny.safetensors"], "--golden"),
        (["verify", "--model", "a", "--golden", "b", "--image", "good.png"], "--image"),
        (["verify", "--model", "a", "--golden", "b", "--tolerance", "-1"], "--tolerance"),
        (["table"], "images"), (["evaluate", "good.png"], "estimate"), (["info", "--threads", "0"], "--threads"),
        (["polish"], "polish"),
    ])
    func otherUsage(_ arguments: [String], _ name: String) throws {
        try folder.expectRefusal(64, [name], arguments)
    }
}

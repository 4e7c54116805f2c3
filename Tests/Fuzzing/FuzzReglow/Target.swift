import CallFuzzer
import Foundation
import LibReglow
import Reglow

/// The readers of bytes that come from elsewhere, and the interface for C. Each may throw whatever it likes; it must not trap, hang, read outside of its input or
/// take memory that the input does not justify.
enum Target: String, CaseIterable {
    case png, jpeg, tiff, webp, npy, safetensors, checkpoint, mask, pointspread, manifest, calls

    /// The one that the environment variable REGLOW_FUZZ_TARGET names.
    static let chosen: Target = {
        let name = ProcessInfo.processInfo.environment["REGLOW_FUZZ_TARGET"] ?? ""
        guard let target = Target(rawValue: name) else {
            fatalError("REGLOW_FUZZ_TARGET is one of \(allCases.map(\.rawValue).joined(separator: ", ")), not '\(name)'")
        }
        return target
    }()

    /// Far below that of the command, so that no honest input needs the memory that a bug would take.
    private static let pixelLimit = 1 << 18

    func take(_ bytes: [UInt8]) {
        switch self {
        case .png, .jpeg, .tiff, .webp, .npy: Self.readImage(bytes)
        case .safetensors: Self.readModel(bytes)
        case .checkpoint: Self.readCheckpoint(bytes)
        case .mask: Self.readMask(bytes)
        case .pointspread: Self.readPointSpread(bytes)
        case .manifest: Self.readManifest(bytes)
        case .calls: CallTarget.take(bytes)
        }
    }

    /// What was read is written, and what was written is read again, with the same pixels and the same alpha.
    private static func readImage(_ bytes: [UInt8]) {
        if let pixels = PictureSize.pixels(Array(bytes.prefix(4096))) { precondition(pixels >= 0) }
        for scale in [NumberScale.image(), .image(white: 255), .free] {
            guard let decoded = try? ImageFile.decode(bytes, path: "fuzz", scale: scale, pixelLimit: pixelLimit) else { continue }
            // Writing is slower by far.
            guard bytes.reduce(0, &+) % 8 == 0 else { continue }
            for format in [ImageFormat.png, .tiff] {
                guard let file = try? ImageFile.encode(decoded, as: format, path: "fuzz").bytes else { continue }
                guard let again = try? ImageFile.decode(file, path: "fuzz", scale: .free, pixelLimit: pixelLimit) else {
                    fatalError("a \(format.name) file that was written cannot be read")
                }
                precondition(again.image.shape == decoded.image.shape && (again.alpha == nil) == (decoded.alpha == nil))
                if decoded.metadata.depth == .eight { precondition(again.image == decoded.image && again.alpha == decoded.alpha) }
            }
            _ = try? ImageFile.encode(decoded, as: .numPy, path: "fuzz")
            if scale == .image(), decoded.metadata.format != .tiff, decoded.metadata.format != .numPy { return }
        }
    }

    /// A list of images in both of its forms, and a record.
    private static func readManifest(_ bytes: [UInt8]) {
        for ending in ["csv", "jsonl"] {
            let path = "/dev/shm/reglow-fuzz-\(getpid()).\(ending)"
            write(bytes, to: path)
            defer { unlink(path) }
            var last = 0
            try? JobManifest.read(path) { line, _ in
                precondition(line > last)
                last = line
            }
            _ = StoredRecord.read(path)
        }
        _ = try? Shard(parsing: String(decoding: bytes.prefix(64), as: UTF8.self), environment: ["N": "4"])
    }

    private static func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "w") else { fatalError("cannot write \(path)") }
        _ = bytes.withUnsafeBytes { fwrite($0.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!, 1, $0.count, file) }
        fclose(file)
    }

    /// Models are mapped from a file.
    private static func readModel(_ bytes: [UInt8]) {
        let path = "/dev/shm/reglow-fuzz-\(getpid()).safetensors"
        write(bytes, to: path)
        defer { unlink(path) }
        _ = try? Glow(path: path)
    }

    /// A checkpoint of any family, read with each setting that its file may leave open, and its model written.
    private static func readCheckpoint(_ bytes: [UInt8]) {
        let path = "/dev/shm/reglow-fuzz-\(getpid()).pt"
        write(bytes, to: path)
        defer { unlink(path) }
        guard let checkpoint = try? GlowCheckpoint(path: path) else { return }
        for assignments in [[], ["permutation=reverse"], ["class=0"], ["scale-map=exp"]] {
            var settings = ImportSettings()
            for assignment in assignments { try? settings.set(assignment) }
            guard let flow = try? checkpoint.folded(settings) else { continue }
            guard let choice = try? ImportChoice(checkpoint, flow, settings, ImportConfiguration()) else { return }
            precondition(choice.hypotheses.allSatisfy { $0.applied(to: flow).levels.count == flow.levels.count })
            return
        }
    }

    private static func readMask(_ bytes: [UInt8]) {
        guard let decoded = try? ImageFile.decode(bytes, path: "fuzz", scale: .free, pixelLimit: pixelLimit) else { return }
        for threshold in [0, 0.5, 1] {
            var reading = MaskPicture.Reading()
            reading.threshold = threshold
            reading.isEachChannelItsOwn = decoded.metadata.format == .numPy
            guard let mask = try? MaskPicture(decoded.image, alpha: decoded.alpha?.pixels, reading: reading) else { continue }
            precondition(mask.known.count % decoded.image.shape.pixels == 0)
            _ = MaskContradiction(decoded.image, known: mask.known)
        }
    }

    /// A file of numbers, or the text of `--point-spread`.
    private static func readPointSpread(_ bytes: [UInt8]) {
        _ = try? PointSpread(parsing: String(decoding: bytes.prefix(200), as: UTF8.self))
        guard let image = try? ImageFile.decode(bytes, path: "fuzz", scale: .free, pixelLimit: pixelLimit).image,
            image.shape.channels == 1,
            let raw = try? PointSpread(height: image.shape.height, width: image.shape.width, values: image.pixels),
            let pointSpread = try? raw.normalized()
        else { return }
        let shape = ImageShape(channels: 1, height: 16, width: 16)
        guard pointSpread.height <= 16, pointSpread.width <= 16 else { return }
        _ = try? Blur(imageShape: shape, pointSpread: pointSpread, border: .replicate).apply([Float](repeating: 1, count: 256))
    }
}

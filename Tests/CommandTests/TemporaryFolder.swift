import Foundation
import Reglow
import Testing

/// A folder for the files of one test, removed with the object.
final class TemporaryFolder {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "reglow-command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func bytes(_ name: String) throws -> [UInt8] { try FileBytes.read(file(name)) }

    func write(_ bytes: some Sequence<UInt8>, _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
    }

    /// A JSON file that holds an object.
    func json(_ name: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(try bytes(name)))
        return try #require(value as? [String: Any])
    }

    func image(_ name: String) throws -> Image { try ImageFile.read(file(name)).image }

    /// The names of the files that the command left, its temporary ones included.
    func contents(_ name: String = "") throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: name.isEmpty ? path : file(name))
        return names.filter { !$0.hasPrefix(".output-") && !$0.hasPrefix(".messages-") }.sorted()
    }

    /// A smooth image with an edge, unlike for different `phase`.
    @discardableResult
    func writePicture(
        _ name: String, height: Int = 16, width: Int = 16, channels: Int = 3, phase: Float = 0
    ) throws -> Image {
        let shape = ImageShape(channels: channels, height: height, width: width)
        var pixels: [Float] = []
        for channel in 0 ..< channels {
            for row in 0 ..< height {
                for column in 0 ..< width {
                    let wave = sin(0.5 * Float(row) + phase) * cos(0.3 * Float(column) + Float(channel))
                    pixels.append(0.5 + 0.25 * wave + (column > width / 2 ? 0.15 : -0.15))
                }
            }
        }
        let image = try Image(shape: shape, pixels: pixels)
        try ImageFile.write(image, to: file(name))
        return try self.image(name)
    }

    /// A small prior with random weights; images go onto a canvas of multiples of 4.
    func writeModel(_ name: String = "tiny.safetensors") throws {
        let architecture = try GlowArchitecture(levels: 2, steps: 2, hidden: 8)
        try ModelFile.write(RandomGlow(architecture: architecture, seed: 3), to: file(name))
    }

    /// The face that the package ships, shrunk to 32x32.
    func writeFace(_ name: String) throws {
        let image = try ImageFile.read(Package.path("Examples/astronaut-face-64.png")).image
        let half = try Downsampling(imageShape: image.shape, factor: 2)
        try ImageFile.write(try Image(shape: half.measurementShape, pixels: try half.apply(image.pixels)), to: file(name))
    }
}

import Foundation
import Reglow
import TestSupport
import Testing

extension TemporaryFolder {
    func bytes(_ name: String) throws -> [UInt8] { try FileBytes.read(file(name)) }

    /// A JSON file that holds an object.
    func json(_ name: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(try bytes(name)))
        return try #require(value as? [String: Any])
    }

    /// A column of a table of comma-separated values.
    func column(_ column: String, of name: String) throws -> [String] {
        let lines = String(decoding: try bytes(name), as: UTF8.self).split(separator: "\n").map { $0.split(separator: ",") }
        let index = try #require(lines.first?.firstIndex(of: Substring(column)))
        return lines.dropFirst().map { String($0[index]) }
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
        let image = try Image(channels: channels, height: height, width: width) { row, column, channel in
            let wave = sin(0.5 * Float(row) + phase) * cos(0.3 * Float(column) + Float(channel))
            return 0.5 + 0.25 * wave + (column > width / 2 ? 0.15 : -0.15)
        }
        try ImageFile.write(image, to: file(name))
        return try self.image(name)
    }

    /// A folder with the prior `tiny.safetensors`.
    static func withModel() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.writeModel()
        return folder
    }

    /// The prior `RandomGlow.tiny`; images go onto a canvas of multiples of 4.
    func writeModel(_ name: String = "tiny.safetensors") throws { try ModelFile.write(RandomGlow.tiny(), to: file(name)) }

    /// The face that the package ships, shrunk to 32x32.
    func writeFace(_ name: String) throws {
        let image = try ImageFile.read(PackageFolder.path("Examples/astronaut-face-64.png")).image
        let half = try Downsampling(imageShape: image.shape, factor: 2)
        try ImageFile.write(try Image(shape: half.measurementShape, pixels: try half.apply(image.pixels)), to: file(name))
    }
}

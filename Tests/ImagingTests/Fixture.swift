import Foundation
import Files
import Imaging
import KernelInterface
import Testing

/// The committed files of `Fixtures`; `make_fixtures.py` there makes them.
enum Fixture {
    static func path(_ name: String) throws -> String {
        try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)).path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        try FileBytes.read(path(name))
    }

    /// Sample (row, column, channel) of the PNG fixtures, which have 9 rows and 11 columns: the formula of the script.
    static func sample(_ row: Int, _ column: Int, _ channel: Int, bits: Int) -> Int {
        ((40503 * (row * 11 + column) + 25173 * channel) % 65536) >> (16 - bits)
    }

    /// The planar image with the value `value(row, column, channel)`.
    static func image(
        channels: Int, height: Int, width: Int, _ value: (_ row: Int, _ column: Int, _ channel: Int) -> Float
    ) throws -> Image {
        let pixels = (0 ..< channels).flatMap { channel in
            (0 ..< height).flatMap { row in (0 ..< width).map { column in value(row, column, channel) } }
        }
        return try Image(shape: ImageShape(channels: channels, height: height, width: width), pixels: pixels)
    }
}

/// A folder for the files of one test, removed at its end.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "reglow-imaging-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The names in the folder, hidden ones too.
    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// Makes a file of these bytes and returns its path.
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: self(name)))
        return self(name)
    }
}

/// Reads `path` as an image, which has to fail with an error that names the file; returns the reason.
func readFailure(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) -> String {
    let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) { try ImageFile.read(path) }
    #expect(error?.path == path, sourceLocation: sourceLocation)
    #expect(error?.description.contains("\n") == false, sourceLocation: sourceLocation)
    return error?.reason ?? ""
}

/// The largest difference between two pixels, infinite for images of different shape.
func largestDifference(_ first: Image, _ second: Image) -> Float {
    guard first.shape == second.shape else { return .infinity }
    return zip(first.pixels, second.pixels).map { abs($0 - $1) }.max() ?? 0
}

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

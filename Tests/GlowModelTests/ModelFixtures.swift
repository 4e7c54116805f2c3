import Foundation
import GlowModel
import TestSupport
import Testing

extension TemporaryFolder {
    /// A safetensors file of this header and data, right or wrong.
    func safetensors(header: String, data: [UInt8] = [], name: String = "made.safetensors") throws -> String {
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { [UInt8]($0) }
        return try file(name, holding: length + [UInt8](header.utf8) + data)
    }
}

/// A file shipped with the tests, made by the reference implementation.
func golden(_ name: String) throws -> String {
    try #require(Bundle.module.url(forResource: name, withExtension: "safetensors", subdirectory: "Golden")).path
}

let goldenNames = ["additive-L2K3h20", "additive-L3K4h32", "affine-L3K4h32"]

/// Expects a `ModelFileError` whose message holds each of `words`.
func expectFault(
    _ words: String..., sourceLocation: SourceLocation = #_sourceLocation, in body: () throws -> Void
) {
    let error = #expect(throws: ModelFileError.self, sourceLocation: sourceLocation) { try body() }
    let message = error?.description ?? "no error"
    for word in words {
        #expect(message.contains(word), "\(message)", sourceLocation: sourceLocation)
    }
}

import GlowModel
import KernelInterface
import TestSupport
import Testing

/// The text of the last error of this thread.
func lastError() -> String { String(cString: reglow_last_error()) }

/// Expects a call to have gone well.
func expectOK(_ status: reglow_status, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(status == REGLOW_OK, "\(lastError())", sourceLocation: sourceLocation)
}

/// Expects a call to be refused, with words that name what is wrong.
func expectRefused(
    _ status: reglow_status, _ expected: reglow_status = REGLOW_BAD_ARGUMENT, _ words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(status == expected, "\(lastError())", sourceLocation: sourceLocation)
    for word in words where !word.isEmpty { #expect(lastError().contains(word), "\(lastError())", sourceLocation: sourceLocation) }
}

/// A small model, loaded through the interface and by the library; and handles that are released with it.
final class LoadedModel {
    let glow: Glow
    let handle: OpaquePointer
    let folder: TemporaryFolder
    var path: String { folder.file("tiny.safetensors") }

    init(coupling: GlowArchitecture.Coupling = .additive, precision: Precision = .fp32) throws {
        folder = try TemporaryFolder()
        let path = folder.file("tiny.safetensors")
        try ModelFile.write(RandomGlow.tiny(coupling: coupling), to: path)
        glow = try Glow(path: path, precision: precision)
        var handle: OpaquePointer?
        expectOK(reglow_model_load(path, precision == .fp32 ? REGLOW_FP32 : REGLOW_BF16, &handle))
        self.handle = try #require(handle)
    }

    deinit { reglow_model_free(handle) }

    /// What `maker` gives a handle of.
    static func made(_ maker: (UnsafeMutablePointer<OpaquePointer?>) -> reglow_status, sourceLocation: SourceLocation = #_sourceLocation)
        throws
        -> OpaquePointer
    {
        var handle: OpaquePointer?
        expectOK(maker(&handle), sourceLocation: sourceLocation)
        return try #require(handle, sourceLocation: sourceLocation)
    }

    func point(height: Int = 8, width: Int = 12, capacity: Int = 3, threads: Int = 2) throws -> OpaquePointer {
        try Self.made { reglow_point_new(handle, height, width, capacity, threads, $0) }
    }
}

/// The pixels of a smooth colour picture with an edge.
func picture(height: Int, width: Int, channels: Int = 3, phase: Float = 0) throws -> Image {
    try Image(channels: channels, height: height, width: width) { row, column, channel in
        let wave = Float(row + 2 * column * (channel + 1)) / 9 + phase
        return 0.5 + 0.1 * wave.truncatingRemainder(dividingBy: 2) * (column > width / 2 ? 1 : -1)
    }
}

extension Array where Element == Float {
    var bits: [UInt32] { map(\.bitPattern) }
}

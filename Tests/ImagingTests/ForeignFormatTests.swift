import Imaging
import TestSupport
import Testing

/// An error names what a file is, where that is known.
@Suite struct ForeignFormatTests {
    /// The first bytes, as text of one byte a character.
    private static let heads: [String: String] = [
        "GIF89a": "GIF", "BM....": "BMP", "%PDF-1.7": "PDF", "\0\0\0\u{18}ftypheic": "HEIC", "\0\0\0\u{18}ftypavif": "AVIF",
        "\0\0\0\u{18}ftypcrx ": "raw", "\u{FF}\u{0A}\u{01}": "JPEG XL", "\n<!DOCTYPE html><p>404": "HTML",
        "<?xml version='1.0'?><svg/>": "SVG", "PK\u{03}\u{04}": "npz", "v/1\u{01}": "OpenEXR", "SIMPLE  =   T": "FITS", "P6\n2 2": "PPM",
        "\u{1F}\u{8B}": "gzip", "version https://git-lfs.github.com/spec/v1": "LFS", "RIFF1234WAVE": "RIFF",
    ]

    @Test(arguments: heads)
    func isNamed(head: String, word: String) throws {
        let folder = try TemporaryFolder()
        #expect(readFailure(try folder.file("x.png", holding: head.unicodeScalars.map { UInt8($0.value) })).contains(word))
    }
}

import Files
import TestSupport
import Testing

@Suite struct SHA256Tests {
    /// The examples of FIPS 180-2, appendix B, and the hash of nothing.
    @Test func theStandardsExamplesHold() {
        #expect(SHA256.hexDigest(of: []) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(SHA256.hexDigest(of: Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let long = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(SHA256.hexDigest(of: long) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func aFileHasTheHashOfItsBytes() throws {
        let folder = try TemporaryFolder()
        let bytes = (0 ..< 600_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let found = try SHA256.hexDigest(ofFile: folder.file("file", holding: bytes))
        #expect(found.digest == SHA256.hexDigest(of: bytes))
        #expect(found.bytes == bytes.count)
        #expect(throws: FileError.self) { try SHA256.hexDigest(ofFile: folder.file("nothing")) }
        #expect(throws: FileError.self) { try SHA256.hexDigest(ofFile: folder.path) }
    }
}

import Files
import TestSupport
import Testing

@Suite struct FileBytesTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// More than is read at once.
    @Test func allBytesAreRead() throws {
        for count in [0, 1, 4096, 4097, 1 << 20, (1 << 20) + 1, 5 << 20] {
            let bytes = (0 ..< count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8) }
            #expect(try FileBytes.read(folder.file("x", holding: bytes)) == bytes, "\(count) bytes")
        }
    }

    /// The first 4096 bytes are shown once, and an error about them is that of the reading.
    @Test func theFirstBytesDecide() throws {
        struct Refusal: Error {}
        let bytes = (0 ..< 10_000).map { UInt8(truncatingIfNeeded: $0) }
        let path = try folder.file("x", holding: bytes)
        var heads: [[UInt8]] = []
        #expect(try FileBytes.read(path) { heads.append($0) } == bytes)
        #expect(heads == [Array(bytes.prefix(4096))])
        #expect(throws: Refusal.self) { try FileBytes.read(path) { _ in throw Refusal() } }
        let short = try folder.file("short", holding: [7])
        #expect(throws: Refusal.self) { try FileBytes.read(short) { head in if head == [7] { throw Refusal() } } }
    }

    @Test func whatIsNoFileIsNamed() throws {
        let missing = #expect(throws: FileError.self) { try FileBytes.read(folder.file("missing")) }
        #expect(missing?.description == "\(folder.path)/missing: cannot open: No such file or directory")
        #expect(missing?.category == .file(path: folder.file("missing")))
        let noFile = #expect(throws: FileError.self) { try FileBytes.read(folder.path) }
        #expect(noFile?.reason == "is a folder, not a file")
        let device = #expect(throws: FileError.self) { try FileBytes.read("/dev/zero") }
        #expect(device?.reason == "is a device, not a file")
    }
}

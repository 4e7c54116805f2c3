import Files
import Foundation
import TestSupport
import Testing

/// Names of any bytes.
@Suite struct PathNameTests {
    private static let names: [[UInt8]] = [
        Array("plain.png".utf8), Array("café.png".utf8), Array("cafe\u{301}.png".utf8), [0x63, 0xE9, 0x2E, 0x70], [0xFF, 0xFE], [0x80],
        [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xED, 0xA0, 0x80], [0xF4, 0x8F, 0xB9, 0x80], [0xF4, 0x8F, 0xBA, 0x80], [0xF4, 0x8F, 0xBB, 0xBF],
        [0xC0, 0x80 | 0x2F], Array("日本.png".utf8) + [0xA4], [0xF0, 0x9F, 0x98],
    ]

    @Test func everyNameComesBack() {
        for name in Self.names { #expect(PathName.bytes(of: PathName.decode(name)) == name, "\(name)") }
        // Byte for byte: in Swift, strings that look the same are equal.
        #expect(Set(Self.names.map { Array(PathName.decode($0).utf8) }).count == Self.names.count)
    }

    @Test func twoBytesOfAllKindsComeBack() {
        for first in 1 ... 255 as ClosedRange<UInt8> {
            for second in 1 ... 255 as ClosedRange<UInt8> {
                let name = [0x61, first, second, 0x2E]
                if PathName.bytes(of: PathName.decode(name)) != name { Issue.record("\(name)") }
            }
        }
    }

    @Test func isShownWithEscapes() {
        #expect(PathName.shown(PathName.decode([0x63, 0x61, 0x66, 0xE9])) == "caf\\xe9")
        #expect(PathName.shown("two\nlines\u{1B}[1m") == "two\\x0alines\\x1b[1m")
        #expect(PathName.shown("日本 café") == "日本 café")
        #expect(PathName.shown(inText: "a\n" + PathName.decode([0x80]), backslash: "\\\\") == "a\n\\\\x80")
    }

    @Test func filesOfSuchNamesAreWrittenListedAndRead() throws {
        let folder = try TemporaryFolder()
        for (index, name) in Self.names.enumerated() where !name.contains(0x2F) && name != [0xC0, 0xAF] {
            try AtomicFile.write([UInt8(index)], to: folder.file(PathName.decode(name)))
        }
        let listed = try FolderEntries.names(in: folder.path)
        #expect(Set(listed.map(PathName.bytes)) == Set(Self.names.filter { $0 != [0xC0, 0xAF] }))
        for name in listed {
            let index = try #require(Self.names.firstIndex(of: PathName.bytes(of: name)))
            #expect(try FileBytes.read(folder.file(name)) == [UInt8(index)])
        }
        let missing = #expect(throws: FileError.self) { try FileBytes.read(folder.file(PathName.decode([0x78, 0xE9]))) }
        #expect(missing?.description.contains("x\\xe9: cannot open") == true)
    }
}

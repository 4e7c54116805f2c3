import Foundation
import Glibc
import Reglow
import TestSupport
import Testing

/// What a command shows of its progress, on a terminal and elsewhere.
@Suite struct ProgressLineTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.makeFolder("y")
        for name in ["a", "\u{5199}\u{771F}\u{1F600}-a-name-that-is-far-too-long-for-a-narrow-terminal"] {
            try folder.writePicture("y/\(name).png", height: 96, width: 96)
        }
    }

    /// TIOCSPTLCK and TIOCGPTN of Linux, whose macros Swift does not import.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    private var arguments: [String] {
        [
            "restore", "y", "--problem", "denoise", "--prior", "tiny.safetensors", "--output", "x", "--tolerance", "0", "--max-evaluations",
            "120",
        ]
    }

    /// Standard error of a call whose standard error is a terminal of this width.
    private func onTerminal(columns: UInt16, _ more: String...) throws -> String {
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        try #require(terminal >= 0)
        defer { close(terminal) }
        var (isLocked, number): (Int32, UInt32) = (0, 0)
        try #require(ioctl(terminal, Self.setLock, &isLocked) == 0 && ioctl(terminal, Self.getNumber, &number) == 0)
        let name = "/dev/pts/\(number)"
        let slave = open(name, O_RDWR | O_NOCTTY)
        try #require(slave >= 0)
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        #expect(ioctl(slave, UInt(TIOCSWINSZ), &size) == 0)
        let process = Process()
        process.executableURL = Command.executable
        process.arguments = arguments + more
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
        try process.run()
        close(slave)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(terminal, &chunk, chunk.count)
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [20, 40, 80, 200] as [UInt16]) func everyLineFitsTheTerminal(columns: UInt16) throws {
        let text = try onTerminal(columns: columns)
        let drawn = text.split(separator: "\r").compactMap { $0.hasSuffix("\u{1B}[K") ? $0.dropLast(3) : nil }
        #expect(drawn.count > 4, "\(text.debugDescription)")
        for line in drawn {
            let width = line.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x1100 && $1.value != 0x2026 ? 2 : 1) }
            #expect(width < Int(columns), "\(line)")
        }
        for word in columns < 40 ? ["reading", "solving"] : ["reading", "preparing", "solving", "writing", "of 2"] {
            #expect(drawn.contains { $0.contains(word) }, "\(word) in \(text.debugDescription)")
        }
    }

    @Test func elsewhereLinesArePlain() throws {
        let ending = try Command.run(arguments, in: folder)
        #expect(ending.status == 0)
        #expect(!ending.messages.contains { $0 == "\r" || $0 == "\u{1B}" }, "\(ending.messages.debugDescription)")
        #expect(ending.messages.contains("plan: y/a.png"))
    }

    @Test func quietIsQuiet() throws {
        #expect(try Command.run(arguments + ["--quiet"], in: folder).messages.isEmpty)
        #expect(try onTerminal(columns: 80, "--quiet").isEmpty)
    }
}

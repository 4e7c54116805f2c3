import Foundation
import Reglow
import TestSupport
import Testing

/// Signals end a call with what is done.
@Suite struct StopSignalTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.makeFolder("y")
        try folder.writePicture("y/0.png", height: 4, width: 4)
        try folder.writePicture("y/1.npy", height: 64, width: 64)
    }

    /// Starts a call whose second image takes long, and sends signals once the first image is there.
    private func interrupt(_ signals: [Int32]) throws -> Process {
        let process = Process()
        process.executableURL = Command.executable
        // Each image gets all evaluations: 4x4 pixels take a moment, 64x64 of them minutes.
        process.arguments = [
            "restore", "y", "--problem", "denoise", "--prior", "tiny.safetensors", "--output", "x", "--json", "r.json", "--solver",
            "adam", "--tolerance", "0", "--max-evaluations", "200000",
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let messages = folder.file(".messages-interrupt")
        _ = FileManager.default.createFile(atPath: messages, contents: nil)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(forWritingAtPath: messages)
        try process.run()
        while process.isRunning, !FileManager.default.fileExists(atPath: folder.file("x/0.png")) { usleep(10_000) }
        for signal in signals { kill(process.processIdentifier, signal) }
        process.waitUntilExit()
        return process
    }

    @Test(arguments: [SIGINT, SIGTERM]) func whatIsDoneIsThereAndTheRestIsNamed(signal: Int32) throws {
        let process = try interrupt([signal])
        #expect(process.terminationReason == .exit && process.terminationStatus == 128 + signal)
        #expect(try folder.contents("x") == ["0.png"])
        let messages = String(decoding: try folder.bytes(".messages-interrupt"), as: UTF8.self)
        #expect(messages.contains("y/1.npy"), "\(messages)")
        let report = try folder.json("r.json")
        #expect(report["interrupted"] as? Bool == true)
        #expect(report["not_restored"] as? [String] == ["y/1.npy"])
        #expect((report["results"] as? [[String: Any]])?.compactMap { $0["output"] as? String } == ["x/0.png"])
    }
}

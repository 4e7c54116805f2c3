import Foundation
import TestSupport
import Testing

/// `reglow` as a process, as a user runs it.
enum Command {
    struct Ending {
        let status: Int32
        let output: String
        let messages: String

        /// The lines of standard error that are an error.
        var errors: [Substring] { messages.split(separator: "\n").filter { $0.hasPrefix("Error:") } }

        /// Standard output as one JSON object; fails the test when anything else stands there.
        func json(_ location: SourceLocation = #_sourceLocation) throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(value as? [String: Any], sourceLocation: location)
        }
    }

    /// The executable beside the test bundle in the folder of the build.
    static var executable: URL {
        let runner = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let arguments = CommandLine.arguments.map { URL(fileURLWithPath: $0) }
        let folders = ([runner, Bundle.main.bundleURL] + arguments).map { $0.deletingLastPathComponent() }
        let candidates = folders.map { $0.appendingPathComponent("reglow") }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? candidates[0]
    }

    /// Runs the command in `folder` and waits for it. The output goes to files, which never fill up as pipes do.
    static func run(_ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:], executable: URL? = nil)
        throws -> Ending
    {
        let output = folder.file(".output-\(UUID().uuidString)")
        let messages = folder.file(".messages-\(UUID().uuidString)")
        for path in [output, messages] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        let process = Process()
        process.executableURL = executable ?? Command.executable
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "REGLOW_ISA" }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: messages)
        try process.run()
        process.waitUntilExit()
        let ending = Ending(
            status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            messages: try String(contentsOfFile: messages, encoding: .utf8))
        try #require(process.terminationReason == .exit, "\(arguments) was killed by signal \(ending.status): \(ending.messages)")
        return ending
    }

    /// Runs the command and expects that it works.
    @discardableResult
    static func succeed(
        _ arguments: String..., in folder: TemporaryFolder, environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Ending {
        let ending = try run(arguments, in: folder, environment: environment)
        #expect(ending.status == 0, "\(arguments): \(ending.messages)", sourceLocation: sourceLocation)
        return ending
    }

    /// Runs the command and expects this exit code, and one error line that holds each of `words`.
    @discardableResult
    static func fail(
        _ status: Int32, naming words: [String], arguments: [String], in folder: TemporaryFolder,
        environment: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Ending {
        let ending = try run(arguments, in: folder, environment: environment)
        #expect(ending.status == status, "\(arguments): \(ending.messages)", sourceLocation: sourceLocation)
        #expect(ending.errors.count == 1, "\(arguments): \(ending.messages)", sourceLocation: sourceLocation)
        for word in words {
            #expect(ending.errors.first?.contains(word) == true, "\(word) in: \(ending.messages)", sourceLocation: sourceLocation)
        }
        return ending
    }

    /// Runs a line of shell, where `$R` is the command, and `$O` what restoring needs.
    static func shell(_ line: String, in folder: TemporaryFolder) throws -> Ending {
        let options = "--problem denoise --prior tiny.safetensors --max-evaluations 2 --noise 0.05"
        return try run(
            ["-c", line], in: folder, environment: ["R": executable.path, "O": options], executable: URL(fileURLWithPath: "/bin/bash"))
    }
}

import Foundation
import Reglow

struct UsageError: Error, CustomStringConvertible {
    let description: String
}

/// `Machine peak|roofline [--threads T] [--json FILE]`, behind `perf/peak` and `perf/roofline`. With `--json -` standard output
/// is JSON and nothing else.
func run(_ arguments: [String]) throws {
    #if DEBUG
    throw UsageError(description: "a debug build measures nothing: build with -c release")
    #else
    var rest = arguments[...]
    guard let task = rest.popFirst(), ["peak", "roofline"].contains(task) else {
        throw UsageError(description: "the first argument must be peak or roofline")
    }
    var threads = ThreadCount.available()
    var file: String?
    while let option = rest.popFirst() {
        guard let value = rest.popFirst() else { throw UsageError(description: "\(option): --threads T and --json FILE are the options") }
        switch option {
        case "--threads":
            guard let count = Int(value), (1 ... 1024).contains(count) else {
                throw UsageError(description: "--threads is \(value), must be from 1 to 1024")
            }
            threads = count
        case "--json": file = value
        default: throw UsageError(description: "\(option): --threads T and --json FILE are the options")
        }
    }
    let report = try task == "peak" ? Report.peak(threads: threads) : Report.roofline(threads: threads)
    if file != "-" { print(report.text) }
    switch file {
    case nil: break
    case "-": try FileHandle.standardOutput.write(contentsOf: report.json)
    case let path?: try report.json.write(to: URL(fileURLWithPath: path), options: .atomic)
    }
    #endif
}

do {
    try run(Array(CommandLine.arguments.dropFirst()))
} catch {
    FileHandle.standardError.write(Data("Machine: \(error)\n".utf8))
    exit(1)
}

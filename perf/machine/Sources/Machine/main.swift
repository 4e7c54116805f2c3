import Foundation
import Reglow

struct UsageError: Error, CustomStringConvertible {
    let description: String
}

/// `Machine peak|roofline [--threads T] [--precision P] [--json FILE]`, behind `perf/peak` and `perf/roofline`; the precision is
/// that of the roofline's products, a peak has both. With `--json -` standard output
/// is JSON and nothing else.
func run(_ arguments: [String]) throws {
    #if DEBUG
    throw UsageError(description: "a debug build measures nothing: build with -c release")
    #else
    var rest = arguments[...]
    let options = "the options are --threads T, --json FILE and, for a roofline, --precision fp32|bf16"
    guard let task = rest.popFirst(), ["peak", "roofline"].contains(task) else {
        throw UsageError(description: "the first argument must be peak or roofline")
    }
    var threads = ThreadCount.available()
    var precision = Precision.fp32
    var file: String?
    while let option = rest.popFirst() {
        guard let value = rest.popFirst() else { throw UsageError(description: "\(option): \(options)") }
        switch option {
        case "--threads":
            guard let count = Int(value), (1 ... 1024).contains(count) else {
                throw UsageError(description: "--threads is \(value), must be from 1 to 1024")
            }
            threads = count
        case "--json": file = value
        case "--precision" where task == "roofline":
            guard let known = Precision(rawValue: value) else {
                throw UsageError(description: "--precision is \(value), must be fp32 or bf16")
            }
            precision = known
        default: throw UsageError(description: "\(option): \(options)")
        }
    }
    let report = try task == "peak" ? Report.peak(threads: threads) : Report.roofline(threads: threads, precision: precision)
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

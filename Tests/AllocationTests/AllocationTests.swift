import Foundation
import Testing

/// The counts of `AllocationProbe`.
@Suite struct AllocationTests {
    struct Counts {
        let program: Int
        let threads: Int
        let fftw: Int
    }

    private static let measured = Result { try countInProbe() }

    private let counts: [String: Counts]

    init() throws {
        counts = try Self.measured.get()
    }

    /// What the tests below rely on: every way to allocate is seen, on any thread, and nothing else.
    @Test(arguments: [("nothing", 0), ("functions of C", 6), ("array", 1)])
    func allocationsAreCounted(name: String, expected: Int) throws {
        #expect(try #require(counts[name]).program == expected)
    }

    /// The closure of the loop is one more, and the runtime's first use of a loop's type some others.
    @Test func allocationsOfAllThreadsAreCounted() throws {
        #expect(try #require(counts["arrays on two threads"]).program >= 3)
    }

    @Test(arguments: ["forward", "forwardJVP", "forwardVJP", "inverse", "inverseJVP", "inverseVJP"])
    func mapsAllocateNothing(map: String) throws {
        let calls = counts.filter { $0.key.hasPrefix("\(map),") }
        #expect(calls.count == 8, "two couplings, two precisions, one and two threads")
        for (name, count) in calls { #expect(count.program == 0, "\(name)") }
    }

    @Test(arguments: [("gradientDescent", 80), ("adam", 80), ("lbfgs", 80), ("auto", 40)])
    func iterationsAllocateNothing(minimizer: String, cases: Int) throws {
        let solves = counts.filter { $0.key.hasPrefix(minimizer) }
        #expect(solves.count == cases, "ten operators, formulations, one and two threads, one image and three")
        for (name, count) in solves { #expect(count.program == 0, "\(name)") }
    }

    /// On more than one thread libdispatch takes memory in each region.
    @Test func oneThreadIsNotWoken() {
        for (name, count) in counts where name.contains("threads 1") { #expect(count.threads == 0, "\(name)") }
    }

    /// FFTW copies through memory of its own for some sizes of the canvas, none of which is a power of two.
    @Test func aCanvasOfAPowerOfTwoNeedsNoMemoryOfFFTW() {
        for (name, count) in counts where !["reflecting", "padding", "window"].contains(where: name.contains) {
            #expect(count.fftw == 0, "\(name)")
        }
    }

    private static func countInProbe() throws -> [String: Counts] {
        let process = Process()
        process.executableURL = try executable("AllocationProbe")
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationReason == .exit && process.terminationStatus == 0, "the probe failed: \(output)")
        let cases = try output.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t")
            let numbers = fields.dropFirst().compactMap { Int($0) }
            try #require(numbers.count == 3, "not a count: \(line)")
            return (String(fields[0]), Counts(program: numbers[0], threads: numbers[1], fftw: numbers[2]))
        }
        return Dictionary(cases) { first, _ in first }
    }

    /// A program of the package, beside the test bundle in the folder of the build.
    private static func executable(_ name: String) throws -> URL {
        let runner = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let arguments = CommandLine.arguments.map { URL(fileURLWithPath: $0) }
        let candidates = ([runner, Bundle.main.bundleURL] + arguments).map {
            $0.deletingLastPathComponent().appendingPathComponent(name)
        }
        return try #require(candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) })
    }
}

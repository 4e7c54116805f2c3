import Foundation
import Reglow

/// What this machine can do and, for a roofline, what the product kernel makes of it.
struct Report: Codable {
    let processor: String
    let threads: Int
    /// The instruction set that Reglow takes.
    let isa: String
    /// That of `products`.
    let precision: Precision
    let peaks: [ArithmeticPeak]
    let triads: [MemoryBandwidth]
    /// Empty but for a roofline.
    let products: [LayerProduct]

    /// Peaks of every instruction set of this processor, and bandwidth; with one thread and with `threads`.
    static func peak(threads: Int) throws -> Report {
        try Report(threads: threads, precision: .fp32, sets: InstructionSet.supported, products: [])
    }

    /// Peak and bandwidth for the instruction set that Reglow takes, and the product kernel on the layers of two models on a
    /// 64x64 image: the size of the shipped prior, and that of the paper.
    static func roofline(threads: Int, precision: Precision) throws -> Report {
        let selected = try InstructionSet.selected()
        let products = try [("bootstrap", 16, 128), ("paper", 32, 512)].flatMap { name, steps, hidden in
            LayerProduct.measure(
                try GlowArchitecture(levels: 4, steps: steps, hidden: hidden), named: name,
                size: Problem.ImageSize(height: 64, width: 64), precision: precision, kernels: selected.table,
                parallelism: Parallelism(threads: threads))
        }
        return try Report(threads: threads, precision: precision, sets: [selected], products: products)
    }

    private init(threads: Int, precision: Precision, sets: [InstructionSet], products: [LayerProduct]) throws {
        let threadCounts = threads > 1 ? [1, threads] : [1]
        processor = processorName()
        self.threads = threads
        self.precision = precision
        isa = try InstructionSet.selected().rawValue
        peaks = sets.flatMap { set in
            Precision.allCases.flatMap { precision in
                threadCounts.map { ArithmeticPeak(set, precision: precision, threads: $0) }
            }
        }
        triads = MemoryBandwidth.measure(threadCounts: threadCounts)
        self.products = products
    }

    var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return try encoder.encode(self) + Data("\n".utf8)
        }
    }

    var text: String {
        var lines = ["\(processor), Reglow takes \(isa)"]
        for peak in peaks { lines.append(Self.line("\(peak.isa), \(peak.precision.rawValue)", peak.threads, peak.gflops, "GFLOP/s")) }
        for triad in triads { lines.append(Self.line("memory, triad", triad.threads, triad.gigabytesPerSecond, "GB/s")) }
        for product in products {
            let peak = peaks.last { $0.threads == threads && $0.precision == product.precision }?.gflops ?? .nan
            let shape = "\(product.rows)x\(product.columns) on \(product.pixels)"
            let name = "\(product.model) \(product.precision.rawValue), level \(product.level), \(product.layer): \(shape)"
            lines.append(Self.line(name, threads, product.gflops, String(format: "GFLOP/s  %3.0f %%", 100 * product.gflops / peak)))
        }
        return lines.joined(separator: "\n")
    }

    private static func line(_ name: String, _ threads: Int, _ value: Double, _ unit: String) -> String {
        name.padding(toLength: 46, withPad: " ", startingAt: 0)
            + String(format: "%4d thread%@  %7.1f ", threads, threads == 1 ? " " : "s", value) + unit
    }
}

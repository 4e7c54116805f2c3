import CPUFeatures
import Files
import KernelInterface
import KernelsAVX2
import KernelsAVX512
import KernelsAVX512BF16
import KernelsPortable

#if canImport(Glibc)
    import Glibc
#endif

/// Which kernels run on which processor: this page, and no other, knows. From least to most capable.
public enum InstructionSet: String, CaseIterable, Sendable, Comparable {
    /// SSE2, which every x86-64 processor has.
    case portable
    /// AVX2 with fused multiply-add.
    case avx2
    /// AVX-512 (F, BW, DQ, VL, CD).
    case avx512
    /// AVX-512 with dot products of bfloat16 pairs.
    case avx512bf16

    /// Kernels and tile sizes.
    package var table: KernelTable {
        switch self {
        case .portable: Self.portableTable
        case .avx2: Self.avx2Table
        case .avx512: Self.avx512Table
        case .avx512bf16: Self.avx512bf16Table
        }
    }

    private static let portableTable = KernelsPortable.kernelTable()
    private static let avx2Table = KernelsAVX2.kernelTable()
    private static let avx512Table = KernelsAVX512.kernelTable()
    private static let avx512bf16Table = KernelsAVX512BF16.kernelTable()

    /// Whether this processor runs it.
    public var isSupported: Bool {
        let features = reglow_detect_cpu_features()
        return switch self {
        case .portable: true
        case .avx2: features.avx2
        case .avx512: features.avx512
        case .avx512bf16: features.avx512_bf16
        }
    }

    /// What this processor runs, from least to most capable.
    public static var supported: [InstructionSet] { allCases.filter(\.isSupported) }

    /// Says whether a set comes before another one, the most capable last.
    public static func < (a: InstructionSet, b: InstructionSet) -> Bool {
        allCases.firstIndex(of: a) ?? 0 < allCases.firstIndex(of: b) ?? 0
    }

    /// The name of the environment variable that overrides the choice.
    public static let variable = "REGLOW_ISA"

    /// The most capable set of this processor, or the one that `REGLOW_ISA` asks for.
    ///
    /// - Throws: `InstructionSetError` when the variable names an unknown set or one that this processor lacks.
    public static func selected(override: String? = getenv(variable).map { String(cString: $0) }) throws -> InstructionSet {
        guard let name = override, !name.isEmpty else { return supported.last ?? .portable }
        guard let asked = InstructionSet(rawValue: name.lowercased()) else { throw InstructionSetError.unknown(name) }
        guard asked.isSupported else { throw InstructionSetError.unsupported(asked) }
        return asked
    }
}

extension InstructionSet {
    /// The precision in which products with the Jacobian take less time on a processor, by what was measured on its kind: results must not depend
    /// on the moment, so nothing is timed here. `reglow bench --precision auto` measures a line of this table.
    ///
    /// - Returns: fp32 for kinds that were not measured, and for every set but `avx512bf16`.
    public func gradientPrecision(on processor: ProcessorModel = .current) -> Precision {
        guard self == .avx512bf16 else { return .fp32 }
        return switch (processor.vendor, processor.family, processor.model) {
        // Zen 4 (Genoa, Raphael and Phoenix, Bergamo and Siena): pairs at the rate of single numbers, so twice the arithmetic.
        case ("AuthenticAMD", 25, 16 ... 31), ("AuthenticAMD", 25, 96 ... 127), ("AuthenticAMD", 25, 160 ... 175): .bf16
        // Sapphire and Emerald Rapids: pairs at half of the rate, and the packing comes on top.
        case ("GenuineIntel", 6, 143), ("GenuineIntel", 6, 207): .fp32
        default: .fp32
        }
    }
}

/// A choice of instruction set that cannot be met.
public enum InstructionSetError: ReglowError, Equatable {
    /// A name that is none.
    case unknown(String)
    /// A set that this processor does not have.
    case unsupported(InstructionSet)

    public var category: ReglowErrorCategory { .processor }

    public var description: String {
        switch self {
        case .unknown(let name):
            let names = InstructionSet.allCases.map(\.rawValue).joined(separator: ", ")
            return "\(InstructionSet.variable)=\(name): no such instruction set (\(names))"
        case .unsupported(let set):
            return "\(InstructionSet.variable)=\(set.rawValue): this processor does not have it "
                + "(it has \(InstructionSet.supported.map(\.rawValue).joined(separator: ", ")))"
        }
    }
}

/// The processor's name as it gives it.
public func processorName() -> String {
    var name = [CChar](repeating: 0, count: 64)
    reglow_cpu_name(&name, Int32(name.count))
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

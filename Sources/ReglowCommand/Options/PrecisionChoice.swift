import ArgumentParser
import Reglow

/// `--precision`: one arithmetic, or for a solve both in turn.
enum PrecisionChoice: String, CaseIterable, ExpressibleByArgument, Encodable {
    case fp32, bf16
    /// Values in fp32; products with the Jacobian in bf16 until its errors hinder a solve, then in fp32.
    case mixed
    /// `mixed` on processors where bf16 takes less time, elsewhere `fp32`.
    case auto

    /// The arithmetic of values.
    var values: Precision { self == .bf16 ? .bf16 : .fp32 }

    /// The arithmetic in which a solve's gradients begin; nil is that of values.
    var gradients: Precision? {
        switch self {
        case .fp32, .bf16: nil
        case .mixed: .bf16
        case .auto: (try? InstructionSet.selected())?.gradientPrecision() == .bf16 ? .bf16 : nil
        }
    }

    /// The choice, and what it is on this processor where that decides.
    var text: String { self == .auto ? "auto (\(gradients == nil ? "fp32" : "gradients in bf16") on \(ProcessorModel.current))" : rawValue }

    /// The arithmetic of a call that solves nothing.
    ///
    /// - Throws: the error of wrong usage for `mixed` and `auto`.
    func single() throws -> Precision {
        switch self {
        case .fp32, .bf16: values
        case .mixed, .auto:
            throw ValidationError("--precision \(rawValue) is for restore, batch, table, demo and bench; the others take fp32 or bf16")
        }
    }
}

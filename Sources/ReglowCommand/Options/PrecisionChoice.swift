import ArgumentParser
import Reglow

/// `--precision`: one arithmetic, or for a solve both in turn.
enum PrecisionChoice: String, CaseIterable, ExpressibleByArgument, Encodable {
    case fp32, bf16
    /// Values in fp32; products with the Jacobian in bf16 until its errors hinder a solve, then in fp32.
    case auto

    /// The arithmetic of a call that solves nothing.
    ///
    /// - Throws: the error of wrong usage for `auto`.
    func single() throws -> Precision {
        switch self {
        case .fp32: .fp32
        case .bf16: .bf16
        case .auto: throw ValidationError("--precision auto is for restore, table and demo; the others take fp32 or bf16")
        }
    }
}

import ArgumentParser
import Reglow

/// How images are restored: as is best, or by one of the paper's two formulations.
enum Approach: String, Encodable {
    case auto, analysis, synthesis

    init(_ formulation: Formulation) {
        self = formulation == .analysis ? .analysis : .synthesis
    }

    /// This is nil for `auto`, which chooses the unknown itself.
    var formulation: Formulation? {
        switch self {
        case .auto: nil
        case .analysis: .analysis
        case .synthesis: .synthesis
        }
    }
}

import Foundation
import Reglow

/// The models that are measured.
public enum Prior: String, CaseIterable, Codable, Sendable {
    /// The shipped prior: L = 4, K = 16, h = 128.
    case bootstrap
    /// The network of the paper, L = 4, K = 32, h = 512, with random weights.
    case paper

    /// - Throws: what loading a model throws.
    public func load() throws -> Glow {
        switch self {
        case .bootstrap: try Glow(path: Self.shipped.path)
        case .paper: try Glow(RandomGlow(architecture: try architecture(), seed: 1))
        }
    }

    /// - Throws: never for these numbers.
    public func architecture() throws -> GlowArchitecture {
        switch self {
        case .bootstrap: try GlowArchitecture(levels: 4, steps: 16, hidden: 128)
        case .paper: try GlowArchitecture(levels: 4, steps: 32, hidden: 512)
        }
    }

    /// Floating-point operations of one pass over one image.
    public func operations(height: Int, width: Int) throws -> Double {
        let macs = try architecture().multiplyAccumulates(height: height, width: width)
        return 2 * (macs.couplings + macs.mixings)
    }

    private static let shipped = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Models/faces64-bootstrap.safetensors").standardizedFileURL
}

import KernelInterface

/// What a pass through the flow consists of, in a profile.
extension Phase {
    /// Space to depth and back, and what a split sends to the latent or takes from it.
    package static let squeeze = Phase(16, "squeeze and split")
    /// Gathering patches and the three products of a coupling network.
    package static let network = Phase(17, "coupling network")
    /// The tap planes added up, the coupling, and the pointwise product of the next step: one pass over the pixels.
    package static let combine = Phase(18, "shift-add and mixing")
    /// Cotangents through an affine coupling, before they enter its network.
    package static let affineCotangent = Phase(19, "affine coupling")
    package static let logDeterminant = Phase(20, "log-determinant")

    /// The steps of one level with its squeeze and split; numbered from 1, the finest.
    package static let level = Phase(24, "level", isGroup: true)
    package static let forward = Phase(25, "forward", isGroup: true)
    package static let inverse = Phase(26, "inverse", isGroup: true)
    package static let forwardJVP = Phase(27, "forwardJVP", isGroup: true)
    package static let forwardVJP = Phase(28, "forwardVJP", isGroup: true)
    package static let inverseJVP = Phase(29, "inverseJVP", isGroup: true)
    package static let inverseVJP = Phase(30, "inverseVJP", isGroup: true)
}

extension GlowMap {
    /// The map's name in a profile.
    var phase: Phase {
        switch self {
        case .forward: .forward
        case .inverse: .inverse
        case .forwardJVP: .forwardJVP
        case .forwardVJP: .forwardVJP
        case .inverseJVP: .inverseJVP
        case .inverseVJP: .inverseVJP
        }
    }
}

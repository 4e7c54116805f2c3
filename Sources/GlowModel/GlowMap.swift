/// The six maps of a flow, as passes over its steps: each is a direction, a matrix per step, and a product of the network.
///
///     map          direction         at a step: pointwise, coupling (additive)
///     forward      image to latent   u = M x + m           b' = b + net(a)
///     inverse      latent to image   x = M^-1 u - M^-1 m   b = b' - net(a)
///     forwardJVP   image to latent   du = M dx             db' = db + J da
///     forwardVJP   latent to image   x = M' u              a = a' + J' b'
///     inverseJVP   latent to image   dx = M^-1 du          db = db' - J da
///     inverseVJP   image to latent   u = M^-T x            a' = a - J' b
///
/// J is the Jacobian of the network at the recorded point. From image to latent a step is pointwise, then coupling; from
/// latent to image the reverse.
package enum GlowMap {
    case forward, inverse, forwardJVP, forwardVJP, inverseJVP, inverseVJP

    /// Whether the map reads images and gives latents.
    var isImageToLatent: Bool {
        switch self {
        case .forward, .forwardJVP, .inverseVJP: true
        case .inverse, .forwardVJP, .inverseJVP: false
        }
    }

    /// What it does with the network.
    var network: CouplingNetwork.Map {
        switch self {
        case .forward, .inverse: .value
        case .forwardJVP, .inverseJVP: .tangent
        case .forwardVJP, .inverseVJP: .cotangent
        }
    }

    /// The sign of the network's result in an additive coupling.
    var networkWeight: Float {
        switch self {
        case .forward, .forwardJVP, .forwardVJP: 1
        case .inverse, .inverseJVP, .inverseVJP: -1
        }
    }
}

import KernelInterface

/// An invertible map f between images x and latents z with z ~ N(0, I), and its Jacobian products.
///
/// Arrays hold a batch: image i of shape (channels, height, width) starts at `i * shape.count`, latent i likewise
/// (a flow keeps the dimension n = `shape.count`). Only the first `count` entries are read and written, so one set of arrays
/// sized for the largest batch serves smaller ones. A result for one image does not depend on its companions.
///
/// `forward` and `inverse` record what the Jacobian products need in the linearization; the products may then be asked for
/// any number of times, at the point and for the batch that was recorded last.
package protocol NormalizingFlow: Sendable {
    /// Memory for one batch of one image shape: the recorded point and all scratch space.
    associatedtype Linearization: AnyObject

    /// Channels of an image.
    var imageChannels: Int { get }

    /// Height and width of an image must be multiples of this.
    var sizeMultiple: Int { get }

    /// What the maps compute with, for reports; fp32 unless a flow says otherwise.
    var precision: Precision { get }

    /// Whether the products with the Jacobian of this flow may be asked for at points that `other` recorded. So they may for two
    /// flows of one model, whatever the precision of each. False unless a flow says otherwise.
    func sharesPoints(with other: Self) -> Bool

    /// - Throws: when the shape is not one that the flow takes.
    func makeLinearization(imageShape: ImageShape, capacity: Int, parallelism: Parallelism) throws -> Linearization

    /// z = f(x) and log|det dz/dx| of each image.
    func forward(
        _ images: [Float], count: Int, recording point: Linearization,
        into latents: inout [Float], logDeterminants: inout [Double])

    /// x = g(z), g = f^-1.
    func inverse(_ latents: [Float], count: Int, recording point: Linearization, into images: inout [Float])

    /// dz = J_f dx, image tangents to latent tangents.
    func forwardJVP(at point: Linearization, tangent: [Float], into latents: inout [Float])

    /// J_f' w + weight * gradient of log|det J_f|: latent cotangents to image cotangents.
    func forwardVJP(
        at point: Linearization, cotangent: [Float], logDeterminantWeight: Float, into images: inout [Float])

    /// dx = J_g dz, latent tangents to image tangents.
    func inverseJVP(at point: Linearization, tangent: [Float], into images: inout [Float])

    /// J_g' v: image cotangents to latent cotangents.
    func inverseVJP(at point: Linearization, cotangent: [Float], into latents: inout [Float])
}

extension NormalizingFlow {
    package var precision: Precision { .fp32 }
    package func sharesPoints(with other: Self) -> Bool { false }
}

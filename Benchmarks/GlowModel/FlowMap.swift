import Measuring
import Reglow

/// The six maps of a flow.
enum FlowMap: String, CaseIterable {
    case forward, inverse, forwardJVP, forwardVJP, inverseJVP, inverseVJP
}

/// A flow at a point, with memory for every map.
final class FlowPoint {
    private let flow: Glow
    private let count: Int
    private let size: Int
    private let point: GlowLinearization
    private let images, tangents, cotangents: [Float]
    /// f(images)
    private var latents: [Float]
    private var result: [Float]
    private var logDeterminants: [Double]

    /// A point of `count` images; what a Jacobian product needs is recorded by `forward`.
    init(_ flow: Glow, height: Int, width: Int, count: Int, threads: Int) throws {
        self.flow = flow
        self.count = count
        let shape = ImageShape(channels: flow.imageChannels, height: height, width: width)
        size = count * shape.count
        point = try flow.makeLinearization(
            imageShape: shape, capacity: count, parallelism: Parallelism(threads: threads))
        images = normalNumbers(size, seed: 1, deviation: 0.2)
        tangents = normalNumbers(size, seed: 2)
        cotangents = normalNumbers(size, seed: 3)
        latents = [Float](repeating: 0, count: size)
        result = latents
        logDeterminants = [Double](repeating: 0, count: count)
        flow.forward(images, count: count, recording: point, into: &latents, logDeterminants: &logDeterminants)
    }

    func run(_ map: FlowMap) {
        switch map {
        case .forward:
            flow.forward(images, count: count, recording: point, into: &result, logDeterminants: &logDeterminants)
        case .inverse: flow.inverse(latents, count: count, recording: point, into: &result)
        case .forwardJVP: flow.forwardJVP(at: point, tangent: tangents, into: &result)
        case .forwardVJP:
            flow.forwardVJP(at: point, cotangent: cotangents, logDeterminantWeight: 0, into: &result)
        case .inverseJVP: flow.inverseJVP(at: point, tangent: tangents, into: &result)
        case .inverseVJP: flow.inverseVJP(at: point, cotangent: cotangents, into: &result)
        }
    }

    /// Holds the maps against each other: g(f(x)) = x; J_f and J_f' are adjoint, so are J_g and J_g'; J_g J_f v = v.
    ///
    /// - Throws: `WrongResult`.
    func check() throws {
        func value(of map: FlowMap) -> [Float] {
            run(map)
            return result
        }
        try requireAgreement("g(f(x))", value(of: .inverse), images.map(Double.init), tolerance: 1e-3)
        for (jvp, vjp) in [(FlowMap.forwardJVP, FlowMap.forwardVJP), (.inverseJVP, .inverseVJP)] {
            try requireEqualProducts(
                "<w, J v> and <J' w, v> of \(jvp.rawValue)", cotangents, value(of: jvp), value(of: vjp), tangents,
                tolerance: 1e-3)
        }
        var back = tangents
        flow.inverseJVP(at: point, tangent: value(of: .forwardJVP), into: &back)
        try requireAgreement("J_g J_f v", back, tangents.map(Double.init), tolerance: 1e-3)
    }
}

import Measuring
import Reglow

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

    /// The kernels that it runs on.
    var kernels: KernelTable { flow.kernels }

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
        // In bf16 the ways forth and back round slightly different numbers, and tens of steps add up what that makes.
        let (inverseTolerance, adjointTolerance) = flow.precision == .fp32 ? (1e-4, 1e-6) : (0.05, 1e-3)
        try requireCloseness("g(f(x))", value(of: .inverse), images, tolerance: inverseTolerance)
        for (jvp, vjp) in [(FlowMap.forwardJVP, FlowMap.forwardVJP), (.inverseJVP, .inverseVJP)] {
            try requireEqualProducts(
                "<w, J v> and <J' w, v> of \(jvp.rawValue)", cotangents, value(of: jvp), value(of: vjp), tangents,
                tolerance: adjointTolerance)
        }
        var back = tangents
        flow.inverseJVP(at: point, tangent: value(of: .forwardJVP), into: &back)
        try requireCloseness("J_g J_f v", back, tangents, tolerance: inverseTolerance)
    }

    /// Holds every map against the same in another precision: a wrong pairing of rows or weights is wrong by about 1.
    ///
    /// - Throws: `WrongResult`.
    func check(near other: FlowPoint) throws {
        for map in FlowMap.allCases {
            try requireCloseness(map.rawValue, value(of: map), other.value(of: map), tolerance: 0.15)
        }
    }

    private func value(of map: FlowMap) -> [Float] {
        run(map)
        return result
    }
}

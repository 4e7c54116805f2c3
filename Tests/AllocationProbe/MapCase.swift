import Reglow

/// Ten warm calls of each map of a flow.
struct MapCase {
    let coupling: GlowArchitecture.Coupling
    let precision: Precision
    let threads: Int

    func run() throws {
        let images = 3
        let prior = try AllocationProbe.prior(coupling, precision)
        let shape = ImageShape(channels: 3, height: 16, width: 12)
        let point = try prior.makeLinearization(
            imageShape: shape, capacity: images, parallelism: Parallelism(threads: threads))
        let input = (0 ..< images * shape.count).map { Float($0 % 17) / 17 - 0.5 }
        var output = input
        var logDeterminants = [Double](repeating: 0, count: images)

        func report(_ map: String, _ call: () -> Void) {
            call()
            AllocationProbe.report("\(map), \(coupling.rawValue), \(precision.rawValue), threads \(threads)") {
                for _ in 0 ..< 10 { call() }
            }
        }
        report("forward") {
            prior.forward(input, count: images, recording: point, into: &output, logDeterminants: &logDeterminants)
        }
        report("forwardJVP") { prior.forwardJVP(at: point, tangent: input, into: &output) }
        report("forwardVJP") { prior.forwardVJP(at: point, cotangent: input, logDeterminantWeight: 1, into: &output) }
        report("inverse") { prior.inverse(input, count: images, recording: point, into: &output) }
        report("inverseJVP") { prior.inverseJVP(at: point, tangent: input, into: &output) }
        report("inverseVJP") { prior.inverseVJP(at: point, cotangent: input, into: &output) }
    }
}

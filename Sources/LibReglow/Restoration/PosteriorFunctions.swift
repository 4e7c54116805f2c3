import CReglow
import KernelInterface

@c @implementation
public func reglow_posterior_options_init(_ options: UnsafeMutablePointer<reglow_posterior_options>?, _ size: Int) -> reglow_status {
    answer { try reglow_posterior_options.initialize(options, "options", size: size) }
}

@c @implementation
public func reglow_restorer_posterior(
    _ restorer: OpaquePointer?, _ measurements: UnsafePointer<reglow_measurements>?,
    _ options: UnsafePointer<reglow_posterior_options>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    answer {
        let place = try given(result, "result")
        place.pointee = nil
        let restorer: RestorerObject = try object(restorer)
        let options = try options.map { try reglow_posterior_options.read($0, "options") } ?? .defaults
        let found = try restorer.run(try reglow_measurements.read(measurements, "measurements"), posterior: try options.choices())
        give(found, to: place)
        try found.requireAll()
    }
}

@c @implementation
public func reglow_result_posterior(
    _ result: OpaquePointer?, _ index: Int, _ facts: UnsafeMutablePointer<reglow_posterior_facts>?
) -> reglow_status {
    answer {
        let result: ResultObject = try object(result)
        guard let posterior = try result.outcome(index).posterior else {
            throw Fault.argument("image \(index) has no posterior: ask for one with reglow_restorer_posterior")
        }
        try posterior.facts.write(to: facts, "facts")
    }
}

@c @implementation
public func reglow_result_deviation(_ result: OpaquePointer?, _ index: Int) -> UnsafePointer<Float>? {
    posteriorImage(result, index) { $0.deviation }
}

@c @implementation
public func reglow_result_mode(_ result: OpaquePointer?, _ index: Int) -> UnsafePointer<Float>? {
    posteriorImage(result, index) { $0.mode }
}

@c @implementation
public func reglow_result_quantile(_ result: OpaquePointer?, _ index: Int, _ number: Int) -> UnsafePointer<Float>? {
    posteriorImage(result, index) { $0.quantiles.indices.contains(number) ? $0.quantiles[number] : nil }
}

@c @implementation
public func reglow_result_sample(_ result: OpaquePointer?, _ index: Int, _ number: Int) -> UnsafePointer<Float>? {
    posteriorImage(result, index) { $0.samples.indices.contains(number) ? $0.samples[number] : nil }
}

/// An image of the posterior of a result; nil where there is none, of which the thread's error says more.
private func posteriorImage(
    _ result: OpaquePointer?, _ index: Int, _ image: (PosteriorImages) -> AlignedBuffer<Float>?
) -> UnsafePointer<Float>? {
    answer(otherwise: nil) {
        let result: ResultObject = try object(result)
        return try result.outcome(index).posterior.flatMap(image).map { UnsafePointer($0.base) }
    }
}

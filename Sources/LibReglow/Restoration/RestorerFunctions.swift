import CReglow
import Reglow

@c @implementation
public func reglow_restore_options_init(_ options: UnsafeMutablePointer<reglow_restore_options>?, _ size: Int) -> reglow_status {
    answer { try reglow_restore_options.initialize(options, "options", size: size) }
}

@c @implementation
public func reglow_measurements_init(_ measurements: UnsafeMutablePointer<reglow_measurements>?, _ size: Int) -> reglow_status {
    answer { try reglow_measurements.initialize(measurements, "measurements", size: size) }
}

@c @implementation
public func reglow_restorer_new(
    _ model: OpaquePointer?, _ problem: OpaquePointer?, _ options: UnsafePointer<reglow_restore_options>?,
    _ restorer: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    answer {
        let place = try given(restorer, "restorer")
        give(try makeRestorer(model, problem, options), to: place)
    }
}

@c @implementation
public func reglow_restorer_free(_ restorer: OpaquePointer?) -> reglow_status {
    answer { try HandleTable.shared.remove(restorer, as: RestorerObject.self) }
}

@c @implementation
public func reglow_restorer_run(
    _ restorer: OpaquePointer?, _ measurements: UnsafePointer<reglow_measurements>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    answer {
        let place = try given(result, "result")
        place.pointee = nil
        try run(try object(restorer), measurements, place)
    }
}

@c @implementation
public func reglow_restore(
    _ model: OpaquePointer?, _ problem: OpaquePointer?, _ measurements: UnsafePointer<reglow_measurements>?,
    _ options: UnsafePointer<reglow_restore_options>?, _ result: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    answer {
        let place = try given(result, "result")
        place.pointee = nil
        try run(try makeRestorer(model, problem, options), measurements, place)
    }
}

private func makeRestorer(
    _ model: OpaquePointer?, _ problem: OpaquePointer?, _ options: UnsafePointer<reglow_restore_options>?
) throws -> RestorerObject {
    let (model, problem): (ModelObject, ProblemObject) = (try object(model), try object(problem))
    let options = try options.map { try reglow_restore_options.read($0, "options") } ?? .defaults
    return try RestorerObject(model, problem, options)
}

private func run(
    _ restorer: RestorerObject, _ measurements: UnsafePointer<reglow_measurements>?, _ place: UnsafeMutablePointer<OpaquePointer?>
) throws {
    let result = try restorer.run(try reglow_measurements.read(measurements, "measurements"))
    give(result, to: place)
    try result.requireAll()
}

@c @implementation
public func reglow_iterate_image(
    _ iterate: UnsafePointer<reglow_iterate>?, _ image: UnsafeMutablePointer<Float>?, _ count: Int
) -> reglow_status {
    answer {
        let (found, place) = (try CurrentIterates.shared.image(try given(iterate, "iterate")), try given(image, "image"))
        try require(count == found.pixels.count, "count is \(count), but the image has \(found.pixels.count) numbers")
        found.pixels.withUnsafeBufferPointer { source in
            guard let source = source.baseAddress else { return }
            place.update(from: source, count: count)
        }
    }
}

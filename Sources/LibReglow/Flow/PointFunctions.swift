import CReglow
import Reglow

@c @implementation
public func reglow_point_new(
    _ model: OpaquePointer?, _ height: Int, _ width: Int, _ capacity: Int, _ threads: Int, _ point: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    answer {
        let (model, place): (ModelObject, _) = (try object(model), try given(point, "point"))
        give(
            try PointObject(model, height: height, width: width, capacity: capacity, threads: threadCount(threads)), to: place)
    }
}

@c @implementation
public func reglow_point_free(_ point: OpaquePointer?) -> reglow_status {
    answer { try HandleTable.shared.remove(point, as: PointObject.self) }
}

@c @implementation
public func reglow_point_describe(_ point: OpaquePointer?, _ facts: UnsafeMutablePointer<reglow_point_facts>?) -> reglow_status {
    answer {
        let point: PointObject = try object(point)
        try point.facts.write(to: facts, "facts")
    }
}

@c @implementation
public func reglow_point_bytes(
    _ model: OpaquePointer?, _ height: Int, _ width: Int, _ capacity: Int, _ threads: Int, _ bytes: UnsafeMutablePointer<Int>?
) -> reglow_status {
    answer {
        let (model, place): (ModelObject, _) = (try object(model), try given(bytes, "bytes"))
        place.pointee = try PointObject.bytes(
            model, height: height, width: width, capacity: capacity, threads: threadCount(threads))
    }
}

@c @implementation
public func reglow_forward(
    _ point: OpaquePointer?, _ images: UnsafePointer<Float>?, _ count: Int, _ latents: UnsafeMutablePointer<Float>?,
    _ log_determinants: UnsafeMutablePointer<Double>?, _ record: UnsafeMutablePointer<UInt64>?
) -> reglow_status {
    answer {
        let point: PointObject = try object(point)
        let logDeterminants = try log_determinants.map { try given($0, "log_determinants") }
        let place = try record.map { try given($0, "record") }
        let number = try point.forward(
            given(images, "images"), count: count, latents: given(latents, "latents"), logDeterminants: logDeterminants)
        place?.pointee = number
    }
}

@c @implementation
public func reglow_inverse(
    _ point: OpaquePointer?, _ latents: UnsafePointer<Float>?, _ count: Int, _ images: UnsafeMutablePointer<Float>?,
    _ log_determinants: UnsafeMutablePointer<Double>?, _ record: UnsafeMutablePointer<UInt64>?
) -> reglow_status {
    answer {
        let point: PointObject = try object(point)
        let logDeterminants = try log_determinants.map { try given($0, "log_determinants") }
        let place = try record.map { try given($0, "record") }
        let number = try point.inverse(
            given(latents, "latents"), count: count, images: given(images, "images"), logDeterminants: logDeterminants)
        place?.pointee = number
    }
}

@c @implementation
public func reglow_forward_jvp(
    _ point: OpaquePointer?, _ record: UInt64, _ tangents: UnsafePointer<Float>?, _ latents: UnsafeMutablePointer<Float>?
) -> reglow_status {
    answer {
        let point: PointObject = try object(point)
        try point.forwardJVP(record, given(tangents, "tangents"), into: given(latents, "latents"))
    }
}

@c @implementation
public func reglow_forward_vjp(
    _ point: OpaquePointer?, _ record: UInt64, _ cotangents: UnsafePointer<Float>?, _ log_determinant_cotangents: UnsafePointer<Double>?,
    _ images: UnsafeMutablePointer<Float>?
) -> reglow_status {
    answer {
        let point: PointObject = try object(point)
        let (cotangents, weights) = try givenCotangents(cotangents, log_determinant_cotangents)
        try point.forwardVJP(record, cotangents, weights, into: given(images, "images"))
    }
}

@c @implementation
public func reglow_inverse_jvp(
    _ point: OpaquePointer?, _ record: UInt64, _ tangents: UnsafePointer<Float>?, _ images: UnsafeMutablePointer<Float>?
) -> reglow_status {
    answer {
        let point: PointObject = try object(point)
        try point.inverseJVP(record, given(tangents, "tangents"), into: given(images, "images"))
    }
}

@c @implementation
public func reglow_inverse_vjp(
    _ point: OpaquePointer?, _ record: UInt64, _ cotangents: UnsafePointer<Float>?, _ log_determinant_cotangents: UnsafePointer<Double>?,
    _ latents: UnsafeMutablePointer<Float>?
) -> reglow_status {
    answer {
        let point: PointObject = try object(point)
        let (cotangents, weights) = try givenCotangents(cotangents, log_determinant_cotangents)
        try point.inverseVJP(record, cotangents, weights, into: given(latents, "latents"))
    }
}

private func givenCotangents(
    _ cotangents: UnsafePointer<Float>?, _ weights: UnsafePointer<Double>?
) throws(Fault) -> (UnsafePointer<Float>?, UnsafePointer<Double>?) {
    try require(cotangents != nil || weights != nil, "cotangents and log_determinant_cotangents are both NULL")
    if let cotangents { _ = try given(cotangents, "cotangents") }
    if let weights { _ = try given(weights, "log_determinant_cotangents") }
    return (cotangents, weights)
}

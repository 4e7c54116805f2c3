import CReglow
import ForwardOperators
import KernelDispatch
import KernelInterface
import Reglow

@c @implementation
public func reglow_problem_scene(
    _ problem: OpaquePointer?, _ height: Int, _ width: Int, _ scene: UnsafeMutablePointer<reglow_scene>?
) -> reglow_status {
    answer {
        let problem: ProblemObject = try object(problem)
        try reglow_scene.requireRoom(scene, "scene")
        let measurement = try givenShape(reglow_shape(channels: 1, height: height, width: width), "the measurement")
        let found = try problem.problem.scene(ofMeasurement: Problem.ImageSize(measurement))
        try reglow_scene(
            size: 0, height: found.size.height, width: found.size.width, top: found.top, left: found.left,
            image_height: found.image.height, image_width: found.image.width
        ).write(to: scene, "scene")
    }
}

@c @implementation
public func reglow_problem_measurement_shape(
    _ problem: OpaquePointer?, _ image: UnsafePointer<reglow_shape>?, _ measurement: UnsafeMutablePointer<reglow_shape>?
) -> reglow_status {
    answer {
        let (call, place) = (try OperatorCall(problem, image), try given(measurement, "measurement"))
        place.pointee = reglow_shape(call.forwardOperator.measurementShape)
    }
}

@c @implementation
public func reglow_problem_apply(
    _ problem: OpaquePointer?, _ image: UnsafePointer<reglow_shape>?, _ images: UnsafePointer<Float>?, _ count: Int,
    _ measurements: UnsafeMutablePointer<Float>?
) -> reglow_status {
    answer {
        let call = try OperatorCall(problem, image, count: count)
        let (images, measurements) = (try given(images, "images"), try given(measurements, "measurements"))
        let (n, m) = (call.forwardOperator.imageShape.count, call.forwardOperator.measurementShape.count)
        try requireApart(images, count * n, measurements, count * m, "images and measurements")
        for index in 0 ..< count {
            call.shared.apply(images + index * n, into: measurements + index * m, call.parallelism)
            try call.watch.check()
        }
    }
}

@c @implementation
public func reglow_problem_adjoint(
    _ problem: OpaquePointer?, _ image: UnsafePointer<reglow_shape>?, _ measurements: UnsafePointer<Float>?, _ count: Int,
    _ images: UnsafeMutablePointer<Float>?
) -> reglow_status {
    answer {
        let call = try OperatorCall(problem, image, count: count)
        let (measurements, images) = (try given(measurements, "measurements"), try given(images, "images"))
        let (n, m) = (call.forwardOperator.imageShape.count, call.forwardOperator.measurementShape.count)
        try requireApart(images, count * n, measurements, count * m, "images and measurements")
        for index in 0 ..< count {
            call.shared.adjoint(measurements + index * m, into: images + index * n, call.parallelism)
            try call.watch.check()
        }
    }
}

@c @implementation
public func reglow_problem_measured(
    _ problem: OpaquePointer?, _ image: UnsafePointer<reglow_shape>?, _ measured: UnsafeMutablePointer<UInt8>?
) -> reglow_status {
    answer {
        let (call, place) = (try OperatorCall(problem, image), try given(measured, "measured"))
        for (index, isMeasured) in call.forwardOperator.measuredEntries().enumerated() { place[index] = isMeasured ? 1 : 0 }
    }
}

@c @implementation
public func reglow_problem_norm(
    _ problem: OpaquePointer?, _ image: UnsafePointer<reglow_shape>?, _ iterations: Int, _ norm: UnsafeMutablePointer<Double>?
) -> reglow_status {
    answer {
        let (call, place) = (try OperatorCall(problem, image), try given(norm, "norm"))
        try requireCount(iterations, "iterations", 1 ... 100_000)
        let found = try call.forwardOperator.largestSingularValue(iterations: iterations)
        try call.watch.check()
        place.pointee = found
    }
}

@c @implementation
public func reglow_problem_degrade(
    _ problem: OpaquePointer?, _ image: UnsafePointer<reglow_shape>?, _ images: UnsafePointer<Float>?, _ count: Int, _ noise: Double,
    _ seed: UInt64, _ measurements: UnsafeMutablePointer<Float>?
) -> reglow_status {
    answer {
        let call = try OperatorCall(problem, image, count: count)
        let (images, measurements) = (try given(images, "images"), try given(measurements, "measurements"))
        try requireNumber(noise, "noise", 0 ... 1e6)
        let (n, m) = (call.forwardOperator.imageShape.count, call.forwardOperator.measurementShape.count)
        try requireApart(images, count * n, measurements, count * m, "images and measurements")
        for index in 0 ..< count {
            let degradation = try Degradation(call.forwardOperator, noiseDeviation: noise, seed: seed &+ UInt64(index))
            let y = try degradation.measure(Array(UnsafeBufferPointer(start: images + index * n, count: n)))
            try call.watch.check()
            (measurements + index * m).update(from: y, count: m)
        }
    }
}

/// A call of the operator of a problem.
private struct OperatorCall {
    let forwardOperator: any ForwardOperator
    let watch: CallerWatch
    let parallelism = Parallelism(threads: ThreadCount.available())

    var shared: SharedOperator { SharedOperator(forwardOperator) }

    /// - Throws: what is wrong with the problem, or the shape of its images.
    init(_ problem: OpaquePointer?, _ image: UnsafePointer<reglow_shape>?, count: Int = 1) throws {
        let problem: ProblemObject = try object(problem)
        forwardOperator = try problem.forwardOperator(try givenShape(image, "image", count: count))
        // Of measurements there may be more numbers than of images.
        try requireCount(count, "count", 1 ... mostNumbers / forwardOperator.measurementShape.count)
        watch = CallerWatch(problem.caller)
    }
}

extension reglow_scene: VersionedStruct {
    static var defaults: reglow_scene { reglow_scene() }
    static var name: String { "reglow_scene" }
}

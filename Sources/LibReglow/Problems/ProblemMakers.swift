import CReglow
import ForwardOperators
import KernelInterface
import Reglow

@c @implementation
public func reglow_problem_denoise(_ problem: UnsafeMutablePointer<OpaquePointer?>?) -> reglow_status {
    make(problem) { ProblemObject(.denoise) }
}

@c @implementation
public func reglow_problem_deblur(
    _ point_spread: UnsafePointer<CChar>?, _ border: reglow_border, _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    make(problem) {
        let (text, border) = (try givenText(point_spread, "point_spread"), try Border(border))
        guard let pointSpread = try PointSpread(parsing: text) else {
            let near = PointSpread.suggestion(for: text).map { " Did you mean \($0)?" } ?? ""
            let forms = PointSpread.forms.map(\.form).joined(separator: ", ")
            throw Fault.argument("point_spread is '\(text)', which is no form of a point spread.\(near) Forms: \(forms)")
        }
        return ProblemObject(.deblur(pointSpread, border: border), notes: [pointSpread.shiftRemark].compactMap(\.self))
    }
}

@c @implementation
public func reglow_problem_deblur_array(
    _ values: UnsafePointer<Float>?, _ height: Int, _ width: Int, _ centre: reglow_centre, _ border: reglow_border,
    _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    make(problem) {
        let values = try given(values, "values")
        let shape = try givenShape(reglow_shape(channels: 1, height: height, width: width), "the point spread")
        try requireCount(shape.count, "height * width", 1 ... mostPointSpread)
        let centre = try choice(centre.rawValue, "centre", [nil, .middle, .corner, PointSpread.Centre?.some(.mass)])
        let border = try Border(border)
        let given = try PointSpread(height: height, width: width, values: Array(UnsafeBufferPointer(start: values, count: shape.count)))
        let taken = try ArrayPointSpread(given, centre: centre)
        return ProblemObject(.deblur(taken.pointSpread, border: border), notes: taken.remarks.map(\.text))
    }
}

@c @implementation
public func reglow_problem_superresolve(
    _ scale: Int, _ filter: UnsafePointer<CChar>?, _ border: reglow_border, _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    make(problem) {
        try requireCount(scale, "scale", 1 ... mostScale)
        let (text, border) = (try filter.map { _ in try givenText(filter, "filter") } ?? "mean", try Border(border))
        guard let filter = try SamplingFilter(parsing: text) else {
            throw Fault.argument("filter is '\(text)', but must be mean, triangle, bicubic, lanczos3 or gaussian:SIGMA")
        }
        return ProblemObject(.superresolve(scale: scale, filter: filter, border: border))
    }
}

@c @implementation
public func reglow_problem_inpaint_random(
    _ missing: Double, _ seed: UInt64, _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    make(problem) {
        try require((0 ..< 1).contains(missing), "missing is \(missing), but must be at least 0 and below 1")
        return ProblemObject(.inpaint(.random(missing)), seed: seed)
    }
}

@c @implementation
public func reglow_problem_inpaint_hole(_ side: Int, _ problem: UnsafeMutablePointer<OpaquePointer?>?) -> reglow_status {
    make(problem) {
        try requireCount(side, "side", 1 ... Int(Int32.max))
        return ProblemObject(.inpaint(.hole(side)))
    }
}

@c @implementation
public func reglow_problem_inpaint_mask(
    _ known: UnsafePointer<UInt8>?, _ channels: Int, _ height: Int, _ width: Int, _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    make(problem) {
        let known = try given(known, "known")
        let shape = try givenShape(reglow_shape(channels: channels, height: height, width: width), "the mask")
        try require(channels == 1 || channels == 3, "channels is \(channels), but must be 1 or 3")
        try requireMemory(4 * shape.count)
        let entries = (0 ..< shape.count).map { known[$0] != 0 }
        try require(entries.contains(true), "the mask has no known pixel")
        return ProblemObject(.denoise, known: KnownPixels(entries: entries, shape: shape))
    }
}

@c @implementation
public func reglow_problem_compressive(
    _ measurements: Int, _ height: Int, _ width: Int, _ seed: UInt64, _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    make(problem) {
        try requireCount(measurements, "measurements", 1 ... Int(Int32.max))
        let shape = try givenShape(reglow_shape(channels: 1, height: height, width: width), "the image")
        return ProblemObject(.compressive(measurements: measurements, image: Problem.ImageSize(shape)), seed: seed)
    }
}

@c @implementation
public func reglow_operator_init(_ description: UnsafeMutablePointer<reglow_operator>?, _ size: Int) -> reglow_status {
    answer { try reglow_operator.initialize(description, "description", size: size) }
}

@c @implementation
public func reglow_problem_linear(
    _ description: UnsafePointer<reglow_operator>?, _ problem: UnsafeMutablePointer<OpaquePointer?>?
) -> reglow_status {
    make(problem) { ProblemObject(.linear(try CallerOperator(try reglow_operator.read(description, "description")))) }
}

@c @implementation
public func reglow_problem_free(_ problem: OpaquePointer?) -> reglow_status {
    answer { try HandleTable.shared.remove(problem, as: ProblemObject.self) }
}

@c @implementation
public func reglow_problem_note(_ problem: OpaquePointer?, _ index: Int) -> UnsafePointer<CChar>? {
    answer(otherwise: nil) {
        let notes = try HandleTable.shared.object(problem, as: ProblemObject.self).notes
        return notes.indices.contains(index) ? notes[index].pointer : nil
    }
}

/// Numbers of a point spread.
private let mostPointSpread = 1 << 24
/// The largest factor of super-resolution.
private let mostScale = 1 << 16

/// Gives a handle of what `body` makes. That a place for it is there is asked first, so that nothing is made in vain.
private func make(_ place: UnsafeMutablePointer<OpaquePointer?>?, _ body: () throws -> ProblemObject) -> reglow_status {
    answer {
        let place = try given(place, "problem")
        give(try body(), to: place)
    }
}

extension Border {
    init(_ border: reglow_border) throws(Fault) {
        self = try choice(border.rawValue, "border", [.unknown, .periodic, .reflect, .replicate, .zero])
    }
}

extension reglow_operator: VersionedStruct {
    static var defaults: reglow_operator { reglow_operator() }
    static var name: String { "reglow_operator" }
}

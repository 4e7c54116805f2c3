import CReglow
import GlowModel
import KernelInterface
import Reglow
import Synchronization

/// Memory for batches of one image size, and which record it holds.
final class PointObject: HandleObject, @unchecked Sendable {
    static let kind = "point"

    private let glow: Glow
    private let linearization: GlowLinearization
    private let threads: Int
    /// Images in the model's range, or zeros; and one number for each image. Of the call that uses the point.
    private let scratch: AlignedBuffer<Float>
    private let weights: AlignedBuffer<Float>
    private let busy = BusyFlag()
    /// The number of the record and its images, which others may ask for while a call uses the point.
    private let held = Mutex<(record: UInt64, count: Int)>((0, 0))

    /// - Throws: `GlowShapeError` for a size that the model does not take, `MemoryShortage`.
    init(_ model: ModelObject, height: Int, width: Int, capacity: Int, threads: Int) throws {
        try requireMemory(try Self.bytes(model, height: height, width: width, capacity: capacity, threads: threads))
        glow = model.glow
        self.threads = threads
        let shape = ImageShape(channels: glow.imageChannels, height: height, width: width)
        linearization = try glow.makeLinearization(imageShape: shape, capacity: capacity, threads: threads)
        scratch = AlignedBuffer(count: capacity * shape.count)
        weights = AlignedBuffer(count: capacity)
    }

    /// Bytes of a point, without making it.
    ///
    /// - Throws: `GlowShapeError` for a size that the model does not take.
    static func bytes(_ model: ModelObject, height: Int, width: Int, capacity: Int, threads: Int) throws -> Int {
        for (side, name) in [(height, "height"), (width, "width"), (capacity, "capacity")] {
            try requireCount(side, name, 1 ... Int(Int32.max))
        }
        let shape = ImageShape(channels: model.glow.imageChannels, height: height, width: width)
        try model.glow.requireTaken(imageShape: shape, capacity: capacity)
        let flow = model.glow.linearizationBytes(imageShape: shape, capacity: capacity, threads: threads)
        return flow + 4 * capacity * (shape.count + 1)
    }

    private var n: Int { linearization.imageShape.count }
    private var shift: Float { glow.architecture.pixelShift }

    var facts: reglow_point_facts {
        var facts = reglow_point_facts()
        facts.shape = reglow_shape(linearization.imageShape)
        facts.dimensions = n
        facts.capacity = linearization.capacity
        facts.threads = threads
        facts.bytes = linearization.bytes + scratch.bytes + weights.bytes
        (facts.record, facts.count) = held.withLock { $0 }
        return facts
    }

    /// z = f(x), or x = g(z), of a batch; returns the number of the record.
    private func record(_ count: Int, _ map: () -> Void) throws -> UInt64 {
        try requireCount(count, "count", 1 ... linearization.capacity)
        return try busy.exclusively(Self.kind) {
            map()
            return held.withLock { held in
                held = (held.record + 1, count)
                return held.record
            }
        }
    }

    func forward(
        _ images: UnsafePointer<Float>, count: Int, latents: UnsafeMutablePointer<Float>, logDeterminants: UnsafeMutablePointer<Double>?
    ) throws -> UInt64 {
        try record(count) {
            let (pixels, shift) = (scratch.base, shift)
            for index in 0 ..< count * n { pixels[index] = images[index] + shift }
            glow.forward(scratch.base, count: count, recording: linearization, into: latents, logDeterminants: logDeterminants)
        }
    }

    func inverse(
        _ latents: UnsafePointer<Float>, count: Int, images: UnsafeMutablePointer<Float>, logDeterminants: UnsafeMutablePointer<Double>?
    ) throws -> UInt64 {
        try record(count) {
            glow.inverse(latents, count: count, recording: linearization, into: images, logDeterminants: logDeterminants)
            let shift = shift
            for index in 0 ..< count * n { images[index] -= shift }
        }
    }

    /// A product with the Jacobian at the record with this number; 0 is the one that is held.
    private func product(_ record: UInt64, _ body: (_ count: Int) throws -> Void) throws {
        try busy.exclusively(Self.kind) {
            let held = held.withLock { $0 }
            guard held.record > 0 else {
                throw Fault(REGLOW_STALE, "the point holds no record: call reglow_forward or reglow_inverse first")
            }
            guard record == 0 || record == held.record else {
                throw Fault(REGLOW_STALE, "record \(record) is meant, but the point holds record \(held.record)")
            }
            try body(held.count)
        }
    }

    func forwardJVP(_ record: UInt64, _ tangents: UnsafePointer<Float>, into latents: UnsafeMutablePointer<Float>) throws {
        try product(record) { _ in glow.forwardJVP(at: linearization, tangent: tangents, into: latents) }
    }

    func inverseJVP(_ record: UInt64, _ tangents: UnsafePointer<Float>, into images: UnsafeMutablePointer<Float>) throws {
        try product(record) { _ in glow.inverseJVP(at: linearization, tangent: tangents, into: images) }
    }

    func forwardVJP(
        _ record: UInt64, _ cotangents: UnsafePointer<Float>?, _ logDeterminantCotangents: UnsafePointer<Double>?,
        into images: UnsafeMutablePointer<Float>
    ) throws {
        try product(record) { count in
            let (cotangents, own) = arguments(count, cotangents, logDeterminantCotangents)
            glow.forwardVJP(at: linearization, cotangent: cotangents, ownWeights: own, into: images)
        }
    }

    func inverseVJP(
        _ record: UInt64, _ cotangents: UnsafePointer<Float>?, _ logDeterminantCotangents: UnsafePointer<Double>?,
        into latents: UnsafeMutablePointer<Float>
    ) throws {
        try product(record) { count in
            let (cotangents, own) = arguments(count, cotangents, logDeterminantCotangents)
            if own != nil, !glow.architecture.hasConstantLogDeterminant { try requireMemory(4 * count * n) }
            glow.inverseVJP(at: linearization, cotangent: cotangents, ownWeights: own, into: latents)
        }
    }

    /// The cotangents as the flow takes them: zeros for none.
    private func arguments(
        _ count: Int, _ cotangents: UnsafePointer<Float>?, _ logDeterminantCotangents: UnsafePointer<Double>?
    ) -> (cotangents: UnsafePointer<Float>, own: LogDeterminantWeights?) {
        if cotangents == nil { scratch.base.update(repeating: 0, count: count * n) }
        let own = logDeterminantCotangents.map { given in
            for image in 0 ..< count { weights.base[image] = Float(given[image]) }
            return LogDeterminantWeights(weights.base, count: count)
        }
        return (cotangents ?? UnsafePointer(scratch.base), own)
    }
}

extension reglow_point_facts: VersionedStruct {
    static var defaults: reglow_point_facts { reglow_point_facts() }
    static var name: String { "reglow_point_facts" }
}

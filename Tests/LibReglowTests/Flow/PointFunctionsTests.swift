import Dispatch
import GlowModel
import KernelInterface
import Synchronization
import TestSupport
import Testing

/// The maps through the interface: the bits of the library's, with pixel values for images.
@Suite struct PointFunctionsTests {
    private static let shape = ImageShape(channels: 3, height: 8, width: 12)
    private static var n: Int { shape.count }

    /// A point with a record of three images, and the same by the library.
    private struct Recorded {
        let loaded: LoadedModel
        let point: OpaquePointer
        let twin: GlowLinearization
        let images: [Float]
        private(set) var latents: [Float]
        private(set) var logDeterminants = [Double](repeating: .nan, count: 3)
        private(set) var record: UInt64 = 0

        init(_ coupling: GlowArchitecture.Coupling, precision: Precision = .fp32) throws {
            loaded = try LoadedModel(coupling: coupling, precision: precision)
            point = try loaded.point(height: shape.height, width: shape.width)
            twin = try loaded.glow.makeLinearization(imageShape: shape, capacity: 3, threads: 1)
            images = uniformNumbers(3 * n, seed: 4)
            latents = [Float](repeating: .nan, count: 3 * n)
            expectOK(reglow_forward(point, images, 3, &latents, &logDeterminants, &record))
        }
    }

    @Test(arguments: [GlowArchitecture.Coupling.additive, .affine], [Precision.fp32, .bf16])
    func valuesAreThoseOfTheLibrary(coupling: GlowArchitecture.Coupling, precision: Precision) throws {
        let recorded = try Recorded(coupling, precision: precision)
        defer { reglow_point_free(recorded.point) }
        let glow = recorded.loaded.glow
        var (latents, determinants) = (recorded.images, [0.0, 0, 0])
        glow.forward(
            recorded.images.map { $0 - 0.5 }, count: 3, recording: recorded.twin, into: &latents, logDeterminants: &determinants)
        #expect(recorded.latents.bits == latents.bits && recorded.logDeterminants == determinants && recorded.record == 1)

        var (images, inverses) = (recorded.images, recorded.images)
        var record: UInt64 = 0
        var found = [0.0, 0, 0]
        expectOK(reglow_inverse(recorded.point, latents, 3, &inverses, &found, &record))
        glow.inverse(latents, count: 3, recording: recorded.twin, into: &images, logDeterminants: &determinants)
        #expect(inverses.bits == images.map { $0 + 0.5 }.bits && found == determinants && record == 2)
        #expect(relativeGap(inverses, recorded.images) < 1e-2)
        for image in 0 ..< 3 { #expect(abs(found[image] + recorded.logDeterminants[image]) < 1e-2 * abs(found[image])) }
    }

    @Test(arguments: [GlowArchitecture.Coupling.additive, .affine]) func productsAreThoseOfTheLibrary(
        coupling: GlowArchitecture.Coupling
    ) throws {
        let recorded = try Recorded(coupling)
        defer { reglow_point_free(recorded.point) }
        let (glow, twin, point) = (recorded.loaded.glow, recorded.twin, recorded.point)
        var (scratch, ignored) = (recorded.images, [0.0, 0, 0])
        glow.forward(recorded.images.map { $0 - 0.5 }, count: 3, recording: twin, into: &scratch, logDeterminants: &ignored)
        let v = signedNumbers(3 * Self.n, seed: 6)
        let weights: [Double] = [0.5, -2, 0]
        let floats = weights.map(Float.init)
        let zeros = [Float](repeating: 0, count: v.count)
        var (found, expected) = (zeros, zeros)

        expectOK(reglow_forward_jvp(point, 1, v, &found))
        glow.forwardJVP(at: twin, tangent: v, into: &expected)
        #expect(found.bits == expected.bits)
        expectOK(reglow_inverse_jvp(point, 0, v, &found))
        glow.inverseJVP(at: twin, tangent: v, into: &expected)
        #expect(found.bits == expected.bits)
        expectOK(reglow_forward_vjp(point, 1, v, nil, &found))
        glow.forwardVJP(at: twin, cotangent: v, logDeterminantWeight: 0, into: &expected)
        #expect(found.bits == expected.bits)
        expectOK(reglow_forward_vjp(point, 1, v, weights, &found))
        glow.forwardVJP(at: twin, cotangent: v, logDeterminantCotangents: floats, into: &expected)
        #expect(found.bits == expected.bits)
        expectOK(reglow_forward_vjp(point, 1, nil, weights, &found))
        glow.forwardVJP(at: twin, cotangent: zeros, logDeterminantCotangents: floats, into: &expected)
        #expect(found.bits == expected.bits)
        #expect((found[..<Self.n].contains { $0 != 0 }) == (coupling == .affine))
        expectOK(reglow_inverse_vjp(point, 1, v, nil, &found))
        glow.inverseVJP(at: twin, cotangent: v, into: &expected)
        #expect(found.bits == expected.bits)
        expectOK(reglow_inverse_vjp(point, 1, v, weights, &found))
        glow.inverseVJP(at: twin, cotangent: v, logDeterminantCotangents: floats, into: &expected)
        #expect(found.bits == expected.bits)
        expectOK(reglow_inverse_vjp(point, 1, nil, weights, &found))
        glow.inverseVJP(at: twin, cotangent: zeros, logDeterminantCotangents: floats, into: &expected)
        #expect(found.bits == expected.bits)
    }

    /// Each map in place gives the bits that it gives from array to array.
    @Test func inputAndOutputMayBeOneArray() throws {
        let recorded = try Recorded(.affine)
        defer { reglow_point_free(recorded.point) }
        let (point, weights): (OpaquePointer, [Double]) = (recorded.point, [1, 2, 3])
        typealias Call = (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> reglow_status
        let calls: [Call] = [
            { reglow_forward(point, $0, 3, $1, nil, nil) }, { reglow_forward_jvp(point, 0, $0, $1) },
            { reglow_forward_vjp(point, 0, $0, weights, $1) }, { reglow_inverse_jvp(point, 0, $0, $1) },
            { reglow_inverse_vjp(point, 0, $0, weights, $1) }, { reglow_inverse(point, $0, 3, $1, nil, nil) },
        ]
        for call in calls {
            var apart = [Float](repeating: .nan, count: 3 * Self.n)
            expectOK(call(recorded.images, &apart))
            var together = recorded.images
            expectOK(together.withUnsafeMutableBufferPointer { call($0.baseAddress!, $0.baseAddress!) })
            #expect(together.bits == apart.bits)
        }
    }

    @Test func aRecordThatIsGoneIsStale() throws {
        let loaded = try LoadedModel()
        let point = try loaded.point(height: 8, width: 12)
        defer { reglow_point_free(point) }
        let v = signedNumbers(3 * Self.n, seed: 1)
        var (result, record): ([Float], UInt64) = (v, 0)
        expectRefused(reglow_forward_jvp(point, 0, v, &result), REGLOW_STALE, "holds no record")
        expectOK(reglow_forward(point, v, 2, &result, nil, &record))
        expectOK(reglow_forward_vjp(point, record, v, nil, &result))
        expectOK(reglow_inverse(point, v, 1, &result, nil, nil))
        for status in [
            reglow_forward_jvp(point, record, v, &result), reglow_forward_vjp(point, record, v, nil, &result),
            reglow_inverse_jvp(point, record, v, &result), reglow_inverse_vjp(point, record, v, nil, &result),
        ] { expectRefused(status, REGLOW_STALE, "record 1 is meant", "holds record 2") }
        var facts = reglow_point_facts()
        facts.size = MemoryLayout<reglow_point_facts>.size
        expectOK(reglow_point_describe(point, &facts))
        #expect(facts.record == 2 && facts.count == 1 && facts.capacity == 3 && facts.threads == 2 && facts.dimensions == Self.n)
        #expect(facts.shape.height == 8 && facts.shape.width == 12 && facts.shape.channels == 3)
        var bytes = 0
        expectOK(reglow_point_bytes(loaded.handle, 8, 12, 3, 2, &bytes))
        #expect(Double(facts.bytes) / Double(bytes) > 0.9 && facts.bytes <= bytes + 4096)
    }

    /// Two threads that hammer on one point: each call is done, or refused at once. A thread with a point of its own is never refused.
    @Test func oneCallAtATime() throws {
        let loaded = try LoadedModel()
        nonisolated(unsafe) let point = try loaded.point(height: 64, width: 64, capacity: 3, threads: 1)
        defer { reglow_point_free(point) }
        let images = uniformNumbers(3 * 3 * 64 * 64, seed: 2)
        let done = Atomic(0)
        let refused = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            var latents = images
            for _ in 0 ..< 20 {
                let status = reglow_forward(point, images, 3, &latents, nil, nil)
                if status == REGLOW_OK { done.add(1, ordering: .relaxed) }
                if status == REGLOW_BUSY { refused.add(1, ordering: .relaxed) }
            }
        }
        #expect(done.load(ordering: .relaxed) + refused.load(ordering: .relaxed) == 80 && done.load(ordering: .relaxed) > 0)
        var facts = reglow_point_facts()
        facts.size = MemoryLayout<reglow_point_facts>.size
        expectOK(reglow_point_describe(point, &facts))
        #expect(Int(facts.record) == done.load(ordering: .relaxed))
    }

    @Test func badArgumentsAreNamed() throws {
        let loaded = try LoadedModel()
        var point: OpaquePointer?
        expectRefused(reglow_point_new(nil, 8, 8, 1, 1, &point), REGLOW_BAD_ARGUMENT, "model is NULL")
        expectRefused(reglow_point_new(loaded.handle, 8, 8, 1, 1, nil), REGLOW_BAD_ARGUMENT, "point is NULL")
        for (height, width) in [(0, 8), (8, 0), (6, 8), (8, 7), (-8, 8), (.max, 8), (1 << 40, 1 << 40), (8, .min)] {
            expectRefused(reglow_point_new(loaded.handle, height, width, 1, 1, &point), REGLOW_BAD_ARGUMENT, "")
        }
        for capacity in [0, -1, .max, 1 << 60] {
            expectRefused(reglow_point_new(loaded.handle, 8, 8, capacity, 1, &point), REGLOW_BAD_ARGUMENT, "")
        }
        for threads in [-1, 1025, .max] {
            expectRefused(reglow_point_new(loaded.handle, 8, 8, 1, threads, &point), REGLOW_BAD_ARGUMENT, "threads")
        }
        expectRefused(reglow_point_new(loaded.handle, 1 << 14, 1 << 14, 8, 1, &point), REGLOW_OUT_OF_MEMORY, "needs")
        expectRefused(reglow_point_bytes(loaded.handle, 8, 8, 1, 1, nil), REGLOW_BAD_ARGUMENT, "bytes is NULL")
        #expect(point == nil)

        let made = try loaded.point(height: 8, width: 12)
        defer { reglow_point_free(made) }
        let numbers = [Float](repeating: 0.5, count: 3 * Self.n)
        var result = numbers
        expectRefused(reglow_forward(made, nil, 1, &result, nil, nil), REGLOW_BAD_ARGUMENT, "images is NULL")
        expectRefused(reglow_forward(made, numbers, 1, nil, nil, nil), REGLOW_BAD_ARGUMENT, "latents is NULL")
        expectRefused(reglow_inverse(made, nil, 1, &result, nil, nil), REGLOW_BAD_ARGUMENT, "latents is NULL")
        for count in [0, 4, -1, .max] {
            expectRefused(reglow_forward(made, numbers, count, &result, nil, nil), REGLOW_BAD_ARGUMENT, "count")
            expectRefused(reglow_inverse(made, numbers, count, &result, nil, nil), REGLOW_BAD_ARGUMENT, "count")
        }
        expectOK(reglow_forward(made, numbers, 1, &result, nil, nil))
        expectRefused(reglow_forward_jvp(made, 0, nil, &result), REGLOW_BAD_ARGUMENT, "tangents is NULL")
        expectRefused(reglow_forward_jvp(made, 0, numbers, nil), REGLOW_BAD_ARGUMENT, "latents is NULL")
        expectRefused(reglow_inverse_jvp(made, 0, nil, &result), REGLOW_BAD_ARGUMENT, "tangents is NULL")
        expectRefused(reglow_inverse_jvp(made, 0, numbers, nil), REGLOW_BAD_ARGUMENT, "images is NULL")
        expectRefused(reglow_forward_vjp(made, 0, nil, nil, &result), REGLOW_BAD_ARGUMENT, "both NULL")
        expectRefused(reglow_forward_vjp(made, 0, numbers, nil, nil), REGLOW_BAD_ARGUMENT, "images is NULL")
        expectRefused(reglow_inverse_vjp(made, 0, nil, nil, &result), REGLOW_BAD_ARGUMENT, "both NULL")
        expectRefused(reglow_inverse_vjp(made, 0, numbers, nil, nil), REGLOW_BAD_ARGUMENT, "latents is NULL")
        expectRefused(reglow_point_describe(made, nil), REGLOW_BAD_ARGUMENT, "facts is NULL")
    }
}

import Dispatch
import GlowModel
import KernelDispatch
import Synchronization
import Testing

/// A result is the same to the bit for any number of threads and whatever else is or was in the batch.
@Suite struct GlowPassTests {
    static let cases =
        [
            GlowCase(.additive, [2, 2], hidden: 20, 3, 8, 12), GlowCase(.affine, [1, 2, 1], hidden: 5, 1, 16, 8),
            GlowCase(.affine, [1, 1], hidden: 9, 3, 20, 36),
            // The first level of these is taken strip by strip on one thread, and whole on several.
            GlowCase(.additive, [2, 1], hidden: 5, 3, 136, 120), GlowCase(.affine, [1], hidden: 3, 3, 88, 232),
            GlowCase(
                .affine, [1, 1], hidden: 3, 3, 88, 232,
                GlowVariant(
                    affineOrder: .scaleFirst, scaleMap: .expSigmoid, split: .second,
                    stepTensors: [[[.net0Border, .net2Border, .scaleOffset]], [[.net0Border, .net2Border]]],
                    priors: [.convolution([.weight, .bias, .border]), .convolution([.bias, .border])])),
        ] + GlowCase.variants

    /// Everything that one image gives alone, with one thread.
    private func alone(_ glow: Glow, _ setup: GlowCase, image: Int, of batch: Batch) throws -> [[UInt64]] {
        let n = setup.shape.count
        func part(_ values: [Float]) -> [Float] { Array(values[image * n ..< (image + 1) * n]) }
        return try RecordedGlow(glow, setup.shape).allBits(
            images: part(batch.images), latents: part(batch.latents), vectors: part(batch.vectors))
    }

    private struct Batch {
        var images, latents, vectors: [Float]

        init(_ setup: GlowCase, images count: Int) {
            images = setup.numbers(images: count, seed: 31)
            latents = setup.numbers(images: count, seed: 32)
            vectors = setup.numbers(images: count, seed: 33)
        }
    }

    private func bits(_ recorded: RecordedGlow, _ batch: Batch) -> [[UInt64]] {
        recorded.allBits(images: batch.images, latents: batch.latents, vectors: batch.vectors)
    }

    /// The part of each result that belongs to one image.
    private func part(_ results: [[UInt64]], image: Int, count: Int) -> [[UInt64]] {
        results.map { result in
            let size = result.count / count
            return Array(result[image * size ..< (image + 1) * size])
        }
    }

    @Test(arguments: Arithmetic.supported, cases) func anyNumberOfThreads(arithmetic: Arithmetic, setup: GlowCase) throws {
        let glow = try setup.glow(arithmetic)
        for count in [1, 3] {
            let batch = Batch(setup, images: count)
            let single = bits(try RecordedGlow(glow, setup.shape, capacity: count), batch)
            for threads in [2, 5, 16] {
                let recorded = try RecordedGlow(glow, setup.shape, capacity: count, threads: threads)
                #expect(bits(recorded, batch) == single, "\(threads) threads, \(count) images")
            }
        }
    }

    @Test(arguments: Arithmetic.supported, cases) func anyPlaceInABatch(arithmetic: Arithmetic, setup: GlowCase) throws {
        let glow = try setup.glow(arithmetic)
        let batch = Batch(setup, images: 5)
        for threads in [1, 3] {
            let together = bits(try RecordedGlow(glow, setup.shape, capacity: 5, threads: threads), batch)
            for image in 0 ..< 5 {
                let alone = try alone(glow, setup, image: image, of: batch)
                #expect(part(together, image: image, count: 5) == alone, "image \(image), \(threads) threads")
            }
        }
    }

    /// The memory is that of seven images, and a batch of seven, of NaN or of numbers, was in it before.
    @Test(arguments: Arithmetic.supported, cases) func afterABiggerBatch(arithmetic: Arithmetic, setup: GlowCase) throws {
        let glow = try setup.glow(arithmetic)
        let batch = Batch(setup, images: 2)
        let fresh = bits(try RecordedGlow(glow, setup.shape, capacity: 2), batch)
        let recorded = try RecordedGlow(glow, setup.shape, capacity: 7, threads: 2)
        #expect(bits(recorded, batch) == fresh, "capacity larger than the batch")
        _ = bits(recorded, Batch(setup, images: 7))
        #expect(bits(recorded, batch) == fresh, "after numbers")
        var spoilt = Batch(setup, images: 7)
        for index in spoilt.images.indices {
            (spoilt.images[index], spoilt.latents[index], spoilt.vectors[index]) = (.nan, .infinity, .nan)
        }
        _ = bits(recorded, spoilt)
        #expect(bits(recorded, batch) == fresh, "after NaN")
    }

    /// An image of NaN is NaN in its own latent and nowhere else.
    @Test(arguments: Arithmetic.supported, cases) func notANumberStaysInItsImage(arithmetic: Arithmetic, setup: GlowCase) throws {
        let glow = try setup.glow(arithmetic)
        let n = setup.shape.count
        let clean = bits(try RecordedGlow(glow, setup.shape, capacity: 3), Batch(setup, images: 3))
        for spoilt in 0 ..< 3 {
            var batch = Batch(setup, images: 3)
            batch.images[spoilt * n + n / 2] = .nan
            batch.latents[spoilt * n + n - 1] = .nan
            batch.vectors[spoilt * n] = .nan
            let recorded = try RecordedGlow(glow, setup.shape, capacity: 3, threads: 2)
            let results = bits(recorded, batch)
            for image in 0 ..< 3 where image != spoilt {
                #expect(part(results, image: image, count: 3) == part(clean, image: image, count: 3))
            }
            let latent = recorded.forward(batch.images).latents[spoilt * n ..< (spoilt + 1) * n]
            #expect(latent.contains { $0.isNaN })
        }
    }

    @Test(arguments: Arithmetic.supported, cases) func productsMayBeRepeated(arithmetic: Arithmetic, setup: GlowCase) throws {
        let recorded = try RecordedGlow(setup.glow(arithmetic), setup.shape, capacity: 2, threads: 2)
        _ = recorded.forward(setup.numbers(images: 2, seed: 34))
        let (v, w) = (setup.numbers(images: 2, seed: 35), setup.numbers(images: 2, seed: 36))
        func products() -> [[UInt32]] {
            [recorded.forwardVJP(v, logDeterminantWeight: 1), recorded.inverseJVP(w), recorded.forwardJVP(v), recorded.inverseVJP(w)]
                .map { $0.map(\.bitPattern) }
        }
        let first = products()
        #expect(products() == first)
        #expect(products() == first)
    }

    /// Arrays may be longer than the batch; the rest is left as it is.
    @Test(arguments: Arithmetic.supported) func onlyTheBatchIsWritten(arithmetic: Arithmetic) throws {
        let setup = Self.cases[0]
        let (glow, n) = (try setup.glow(arithmetic), setup.shape.count)
        let point = try RecordedGlow(glow, setup.shape, capacity: 3).point
        let images = setup.numbers(images: 3, seed: 37)
        var latents = [Float](repeating: 7, count: 3 * n)
        var logDeterminants = [7.0, 7.0, 7.0]
        glow.forward(images, count: 2, recording: point, into: &latents, logDeterminants: &logDeterminants)
        #expect(point.count == 2)
        #expect(latents[(2 * n)...].allSatisfy { $0 == 7 })
        #expect(!latents[..<(2 * n)].contains(7))
        #expect(logDeterminants[2] == 7 && logDeterminants[1] != 7)

        latents = [Float](repeating: 7, count: 3 * n)
        glow.forward(images, count: 0, recording: point, into: &latents, logDeterminants: &logDeterminants)
        #expect(latents.allSatisfy { $0 == 7 })
    }

    /// One Glow serves several callers at once, each with a linearization of its own.
    @Test(arguments: Arithmetic.supported) func callersMayRunSideBySide(arithmetic: Arithmetic) throws {
        let setup = Self.cases[1]
        let glow = try setup.glow(arithmetic)
        let batch = Batch(setup, images: 2)
        let expected = bits(try RecordedGlow(glow, setup.shape, capacity: 2), batch)
        let equal = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            guard let caller = try? RecordedGlow(glow, setup.shape, capacity: 2, threads: 2) else { return }
            if bits(caller, batch) == expected { equal.withLock { $0 += 1 } }
        }
        #expect(equal.withLock { $0 } == 4)
    }
}

import ForwardOperators
import KernelInterface
import TestSupport
import Testing

/// Operators whose channels threads share: the same bits as on one thread.
@Suite struct ChannelwiseOperatorTests {
    static func operators() throws -> [any ForwardOperator] {
        let image = shape(3, 24, 20)
        let cropping = try Cropping(canvas: image, top: 2, left: 3, height: 16, width: 12)
        return [
            try Blur(imageShape: image, pointSpread: .uniform(5), border: .unknown),
            try Blur(imageShape: image, pointSpread: .gaussian(sigma: 1), border: .reflect),
            try Downsampling(imageShape: image, factor: 2), try Downsampling(imageShape: image, factor: 4),
            try Downsampling(imageShape: image, factor: 1),
            try FilteredDownsampling(imageShape: image, factor: 2, filter: .bicubic, border: .reflect),
            try Mirroring(imageShape: image), cropping, try Identity(imageShape: image), try Mask.random(image, missing: 0.4, seed: 2),
            try Composition(Downsampling(imageShape: cropping.measurementShape, factor: 2), after: cropping),
        ]
    }

    @Test(arguments: 0 ..< 11) func threadsChangeNoBit(number: Int) throws {
        let a = try Self.operators()[number]
        let shared = SharedOperator(a)
        let (image, measurement) = (normalNumbers(a.imageShape.count, seed: 1), normalNumbers(a.measurementShape.count, seed: 2))
        let (forward, backward) = (try a.apply(image), try a.adjoint(measurement))
        for threads in [2, 5] {
            let parallelism = Parallelism(threads: threads)
            // What stood in the result before is overwritten.
            var y = [Float](repeating: .nan, count: forward.count)
            var x = [Float](repeating: .nan, count: backward.count)
            image.withUnsafeBufferPointer { from in
                y.withUnsafeMutableBufferPointer { to in
                    if let from = from.baseAddress, let to = to.baseAddress { shared.apply(from, into: to, parallelism) }
                }
            }
            measurement.withUnsafeBufferPointer { from in
                x.withUnsafeMutableBufferPointer { to in
                    if let from = from.baseAddress, let to = to.baseAddress { shared.adjoint(from, into: to, parallelism) }
                }
            }
            #expect(y == forward && x == backward)
        }
    }

    /// A'A x, in place.
    @Test(arguments: 0 ..< 11, [1, 3]) func theNormalOperatorIsBothAfterEachOther(number: Int, threads: Int) throws {
        let a = try Self.operators()[number]
        var image = normalNumbers(a.imageShape.count, seed: 3)
        let expected = try a.adjoint(a.apply(image))
        var measurement = [Float](repeating: .nan, count: a.measurementShape.count)
        image.withUnsafeMutableBufferPointer { image in
            measurement.withUnsafeMutableBufferPointer { measurement in
                if let x = image.baseAddress, let y = measurement.baseAddress {
                    SharedOperator(a).applyNormal(x, throughMeasurement: y, Parallelism(threads: threads))
                }
            }
        }
        #expect(image == expected)
    }
}

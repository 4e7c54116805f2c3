import ForwardOperators
import KernelInterface
import TestSupport
import Testing

/// Callers' arrays lie where they like.
@Suite struct ForwardOperatorTests {
    @Test func anyAddressGivesTheSameBits() throws {
        let shape = ImageShape(channels: 3, height: 12, width: 10)
        let operators: [any ForwardOperator] = [
            try Identity(imageShape: shape), try Blur(imageShape: shape, pointSpread: .uniform(5)),
            try Blur(imageShape: shape, pointSpread: .uniform(3), border: .reflect),
            try Downsampling(imageShape: shape, factor: 2), try Mask.random(shape, missing: 0.5, seed: 1),
            try DenseMatrix.gaussian(imageShape: shape, measurements: 30, seed: 1, parallelism: Parallelism(threads: 2)),
        ]
        for a in operators {
            let image = AlignedBuffer<Float>(count: shape.count + 16)
            let measurement = AlignedBuffer<Float>(count: a.measurementShape.count + 16)
            /// A x and A' A x with both arrays this many numbers behind a cache line.
            func bits(offset: Int) -> [UInt32] {
                let (x, y) = (image.base + offset, measurement.base + offset)
                for index in 0 ..< shape.count { x[index] = Float(index % 7) / 7 - 0.3 }
                a.apply(x, into: y)
                a.adjoint(y, into: x)
                return (0 ..< a.measurementShape.count).map { y[$0].bitPattern } + (0 ..< shape.count).map { x[$0].bitPattern }
            }
            let aligned = bits(offset: 0)
            for offset in [1, 4, 7, 8] { #expect(bits(offset: offset) == aligned, "\(type(of: a)), \(offset)") }
        }
    }
}

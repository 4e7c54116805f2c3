import ForwardOperators
import KernelInterface
import TestSupport
import Testing

@Suite struct NormalizedAdjointTests {
    @Test func theStartOfAMaskIsTheMeasurement() throws {
        let mask = try Mask.hole(shape(2, 6, 6), size: 2)
        let y = try mask.apply(uniformNumbers(72, seed: 1))
        #expect(try mask.normalizedAdjoint(y) == y)
    }

    @Test func theStartOfDownsamplingRepeatsPixels() throws {
        let downsampling = try Downsampling(imageShape: shape(1, 4, 4), factor: 2)
        #expect(try downsampling.normalizedAdjoint([1, 2, 3, 4]) == [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
    }

    @Test(arguments: Border.allCases)
    func theStartOfABlurKeepsAConstant(border: Border) throws {
        let blur = try Blur(imageShape: shape(1, 9, 8), pointSpread: .uniform(3), border: border)
        let start = try blur.normalizedAdjoint([Float](repeating: 0.7, count: blur.measurementShape.count))
        #expect(start.allSatisfy { abs($0 - 0.7) < 1e-5 })
    }

    /// A pixel in the middle of the hole is seen by no measured pixel; the Fourier transform leaves about 1e-8 there.
    @Test func unobservedPixelsStartAtZero() throws {
        let blur = try Blur(imageShape: shape(1, 32, 32), pointSpread: .uniform(3))
        let mask = try Mask.hole(blur.imageShape, size: 12)
        let a = try Composition(mask, after: blur)
        let start = try a.normalizedAdjoint(try a.apply([Float](repeating: 1, count: 1024)))
        #expect(start[16 * 32 + 16] == 0)
        #expect(abs(start[0] - 1) < 1e-5)
        let cropping = try Cropping(canvas: shape(1, 3, 3), top: 0, left: 0, height: 2, width: 2)
        #expect(try cropping.normalizedAdjoint([1, 2, 3, 4]) == [1, 2, 0, 3, 4, 0, 0, 0, 0])
    }

    @Test func theStartOfASignedOperatorFitsBetterThanZero() throws {
        let x = uniformNumbers(300, seed: 2).map { $0 - 0.5 }
        let serial = Parallelism(threads: 1)
        for measurements in [20, 150, 900] {
            let a = try DenseMatrix.gaussian(imageShape: shape(3, 10, 10), measurements: measurements, seed: 3, parallelism: serial)
            let y = try a.apply(x)
            let fit = try a.apply(try a.normalizedAdjoint(y))
            let residual = zip(fit, y).map { $0 - $1 }
            #expect(norm(residual) < 0.9 * norm(y))
            // The best multiple leaves a residual that is orthogonal to the fit.
            #expect(abs(inner(residual, fit)) < 1e-5 * inner(y, y))
        }
        let a = try Blur(imageShape: shape(1, 4, 4), pointSpread: pointSpread(1, 2, [1, -1]))
        #expect(try a.normalizedAdjoint([Float](repeating: 0, count: 16)) == [Float](repeating: 0, count: 16))
    }
}

import ForwardOperators
import KernelInterface
import Testing

@Suite struct LargestSingularValueTests {
    @Test func findsTheLargestSingularValue() throws {
        let diagonal = try DenseMatrix(
            imageShape: shape(1, 1, 3), measurements: 4, entries: [1, 0, 0, 0, -3, 0, 0, 0, 2, 0, 0, 0],
            parallelism: Parallelism(threads: 1))
        #expect(try abs(diagonal.largestSingularValue() - 3) < 1e-5)
        let blur = try Blur(imageShape: shape(3, 16, 16), pointSpread: .uniform(5))
        #expect(try abs(blur.largestSingularValue() - 1) < 1e-3)
        let downsampling = try Downsampling(imageShape: shape(1, 8, 8), factor: 4)
        #expect(try abs(downsampling.largestSingularValue() - 0.25) < 1e-6)
        let nothing = try Blur(imageShape: shape(1, 2, 2), pointSpread: pointSpread(1, 1, [0]))
        #expect(try nothing.largestSingularValue() == 0)
    }
}

import ForwardOperators
import KernelInterface
import Testing

@Suite struct DownsamplingTests {
    @Test(arguments: [(1, 4, 6), (2, 4, 6), (3, 9, 6), (4, 8, 12), (5, 5, 5)])
    func downsamplingIsALocalMean(factor: Int, height: Int, width: Int) throws {
        let downsampling = try Downsampling(imageShape: shape(2, height, width), factor: factor)
        #expect(downsampling.measurementShape == shape(2, height / factor, width / factor))
        expectMatches(downsampling) { image in
            let output = downsampling.measurementShape
            var means = [Double](repeating: 0, count: output.count)
            for c in 0 ..< 2 {
                for i in 0 ..< height {
                    for j in 0 ..< width {
                        means[(c * output.height + i / factor) * output.width + j / factor] +=
                            image[(c * height + i) * width + j] / Double(factor * factor)
                    }
                }
            }
            return means
        }
    }

    @Test(arguments: [0, -2, 3, 4, Int.max])
    func downsamplingRefusesFactorsThatDoNotDivide(factor: Int) {
        #expect(throws: OperatorError.self) { try Downsampling(imageShape: shape(3, 6, 8), factor: factor) }
    }
}

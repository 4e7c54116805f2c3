import ForwardOperators
import KernelInterface
import Testing

@Suite struct CroppingTests {
    private func expectMatchesTwin(_ cropping: Cropping, sourceLocation: SourceLocation = #_sourceLocation) {
        let (canvas, crop) = (cropping.imageShape, cropping.measurementShape)
        expectMatches(
            cropping,
            twin: { image in
                (0 ..< crop.count).map { index in
                    let (c, i, j) = (index / crop.pixels, index / crop.width % crop.height, index % crop.width)
                    return image[c * canvas.pixels + (i + cropping.top) * canvas.width + j + cropping.left]
                }
            }, sourceLocation: sourceLocation)
    }

    @Test func croppingTakesARectangle() throws {
        expectMatchesTwin(try Cropping(canvas: shape(3, 7, 8), top: 1, left: 3, height: 4, width: 2))
        expectMatchesTwin(try Cropping(canvas: shape(1, 5, 5), top: 0, left: 0, height: 5, width: 5))
        expectMatchesTwin(try .padding(shape(2, 5, 9), toMultipleOf: 4))
    }

    @Test func paddingIsEven() throws {
        let padding = try Cropping.padding(shape(3, 61, 130), toMultipleOf: 16)
        #expect(padding.imageShape == shape(3, 64, 144))
        #expect(padding.top == 1 && padding.left == 7)
        #expect(padding.measurementShape == shape(3, 61, 130))
        #expect(try Cropping.padding(shape(3, 64, 64), toMultipleOf: 16).imageShape == shape(3, 64, 64))
    }

    /// 97, 101, 103 and 521 are prime; a canvas grows by a part in 64 at most.
    @Test(arguments: [(776, 784), (520, 520), (808, 808), (88, 88), (97, 104), (1000, 1000), (8 * 521, 4200)])
    func aCanvasHasFastFourierTransforms(length: Int, side: Int) throws {
        let padding = try Cropping.padding(shape(1, 1, length), toMultipleOf: 8)
        #expect(padding.imageShape.width == side && padding.left == (side - length) / 2)
    }

    @Test(arguments: [(-1, 0, 2, 2), (0, -1, 2, 2), (3, 0, 2, 2), (0, 3, 2, 2), (0, 0, 0, 2), (0, 0, 2, 5), (Int.max, 0, 2, 2)])
    func croppingRefusesRectanglesOutside(top: Int, left: Int, height: Int, width: Int) {
        #expect(throws: OperatorError.self) {
            try Cropping(canvas: shape(1, 4, 4), top: top, left: left, height: height, width: width)
        }
    }

    @Test func paddingRefusesBadMultiples() {
        for multiple in [0, -4, Int.max, Int(Int32.max)] {
            #expect(throws: OperatorError.self) { try Cropping.padding(shape(3, 10, 10), toMultipleOf: multiple) }
        }
    }
}

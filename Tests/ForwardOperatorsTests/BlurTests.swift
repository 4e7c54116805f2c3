import Foundation
import ForwardOperators
import KernelInterface
import Synchronization
import TestSupport
import Testing

/// The definition in Double with plain loops: where the border sends an index is found step by step. With an unknown border, only the
/// places that read nothing outside of the image.
private func convolved(
    _ image: [Double], _ shape: ImageShape, with spread: PointSpread, border: Border
) -> [Double] {
    var output: [Double] = []
    for c in 0 ..< shape.channels {
        for i in 0 ..< shape.height {
            for j in 0 ..< shape.width {
                var sum = 0.0
                var isComplete = true
                for a in 0 ..< spread.height {
                    for b in 0 ..< spread.width {
                        guard let row = borderSource(i - a + spread.height / 2, shape.height, border),
                            let column = borderSource(j - b + spread.width / 2, shape.width, border)
                        else {
                            isComplete = false
                            continue
                        }
                        sum += Double(spread.values[a * spread.width + b]) * image[(c * shape.height + row) * shape.width + column]
                    }
                }
                if isComplete || border != .unknown { output.append(sum) }
            }
        }
    }
    return output
}

@Suite struct BlurTests {
    @Test(arguments: Border.allCases, [(1, 1), (3, 3), (4, 4), (5, 2), (2, 5), (1, 6), (7, 1), (7, 9)])
    func matchesThePlainConvolution(border: Border, size: (Int, Int)) throws {
        let values = uniformNumbers(size.0 * size.1, seed: 5)
        let blur = try Blur(
            imageShape: shape(2, 7, 9), pointSpread: pointSpread(size.0, size.1, values), border: border)
        expectMatches(blur) { convolved($0, blur.imageShape, with: blur.pointSpread, border: border) }
    }

    @Test(arguments: Border.allCases)
    func takesSignedPointSpreads(border: Border) throws {
        let values = uniformNumbers(15, seed: 6).map { $0 - 0.3 }
        let blur = try Blur(imageShape: shape(3, 11, 6), pointSpread: pointSpread(3, 5, values), border: border)
        #expect(!blur.isNonnegative)
        expectMatches(blur) { convolved($0, blur.imageShape, with: blur.pointSpread, border: border) }
    }

    @Test(arguments: Border.allCases)
    func keepsTheAdjointOnAFullImage(border: Border) throws {
        expectAdjoint(of: try Blur(imageShape: shape(3, 64, 64), pointSpread: .uniform(5), border: border))
        expectAdjoint(
            of: try Blur(imageShape: shape(1, 61, 97), pointSpread: pointSpread(4, 9, uniformNumbers(36, seed: 7)), border: border))
    }

    /// Whole numbers made with scipy.ndimage.convolve, modes wrap, reflect, nearest and constant, and scipy.signal.convolve2d, mode valid: an outside voice on what
    /// the borders mean and where the centre of an even side is.
    @Test(
        arguments: [
            (
                Border.periodic,
                [
                    164, 181, 130, 147, 173, 170, 184, 146, 185, 112, 151, 152, 160, 174, 167, 131, 165, 131,
                    120, 180, 166, 153, 163, 174, 144, 212, 163, 165, 159, 208,
                ]
            ),
            (
                .reflect,
                [
                    189, 203, 142, 147, 131, 118, 206, 162, 195, 105, 126, 117, 176, 174, 167, 131, 159, 127,
                    116, 187, 157, 152, 183, 134, 122, 176, 196, 186, 177, 179,
                ]
            ),
            (
                .replicate,
                [
                    189, 209, 151, 128, 157, 136, 206, 162, 195, 105, 126, 109, 176, 174, 167, 131, 159, 137,
                    116, 187, 157, 152, 183, 161, 106, 190, 185, 181, 222, 222,
                ]
            ),
            (
                .zero,
                [
                    92, 119, 71, 88, 44, 43, 130, 136, 171, 97, 63, 44, 119, 174, 167, 131, 117, 56,
                    46, 150, 114, 122, 88, 58, 33, 104, 103, 92, 55, 64,
                ]
            ),
            (.unknown, [174, 167, 131]),
        ] as [(Border, [Float])])
    func agreesWithSciPy(border: Border, expected: [Float]) throws {
        let image: [Float] = [
            6, 8, 0, 8, 4, 5, 6, 2, 9, 0, 2, 3, 5, 4, 1, 0, 0, 0, 1, 9, 1, 6, 7, 2, 2, 4, 2, 9, 1, 8,
        ]
        let spread = try pointSpread(5, 4, [3, 4, 0, 1, 3, 2, 3, 3, 3, 0, 4, 2, 4, 1, 1, 4, 0, 0, 1, 3])
        let blur = try Blur(imageShape: shape(1, 5, 6), pointSpread: spread, border: border)
        #expect(try blur.apply(image).map { $0.rounded() } == expected)
    }

    /// For point spreads of even and odd size, larger than half the image, off-centre and of motion.
    @Test(arguments: [(1, 1), (4, 4), (2, 5), (7, 1), (9, 12)])
    func aWindowIsTheMiddleOfAnyOtherBlur(size: (Int, Int)) throws {
        let image = shape(2, 12, 14)
        let spread = try pointSpread(size.0, size.1, uniformNumbers(size.0 * size.1, seed: 8))
        let window = try Blur(imageShape: image, pointSpread: spread, border: .unknown)
        #expect(window.measurementShape == shape(2, 12 - size.0 + 1, 14 - size.1 + 1))
        let middle = try Cropping(
            canvas: image, top: (size.0 - 1) / 2, left: (size.1 - 1) / 2, height: window.measurementShape.height,
            width: window.measurementShape.width)
        let numbers = uniformNumbers(image.count, seed: 9)
        for border in Border.allCases where border != .unknown {
            let other = try Composition(middle, after: Blur(imageShape: image, pointSpread: spread, border: border))
            #expect(largestGap(try window.apply(numbers), try other.apply(numbers).map(Double.init)) < 1e-4)
        }
    }

    @Test func reflectionKeepsTheTotalLight() throws {
        let blur = try Blur(imageShape: shape(1, 12, 10), pointSpread: .gaussian(sigma: 0.9), border: .reflect)
        let light = try blur.adjoint([Float](repeating: 1, count: 120))
        #expect(light.allSatisfy { abs($0 - 1) < 1e-5 })
    }

    /// Large enough and often enough that calls overlap, and shared scratch memory would show.
    @Test(arguments: Border.allCases)
    func oneInstanceServesManyThreads(border: Border) throws {
        let blur = try Blur(imageShape: shape(3, 96, 80), pointSpread: .uniform(5), border: border)
        let images = (0 ..< 64).map { uniformNumbers(blur.imageShape.count, seed: UInt64($0)) }
        let count = blur.measurementShape.count
        let alone = try images.map { bits(try blur.apply($0)) + bits(try blur.adjoint(Array($0.prefix(count)))) }
        let together = Mutex([[UInt32]](repeating: [], count: images.count))
        let done = DispatchGroup()
        for index in images.indices {
            done.enter()
            Thread.detachNewThread {
                let image = images[index]
                let found =
                    bits(written(count, by: blur.apply, from: image))
                    + bits(written(image.count, by: blur.adjoint, from: Array(image.prefix(count))))
                together.withLock { $0[index] = found }
                done.leave()
            }
        }
        done.wait()
        let differing = zip(together.withLock { $0 }, alone).filter { $0 != $1 }.count
        #expect(differing == 0)
    }

    @Test func refusesWhatItCannotBlur() throws {
        #expect(throws: OperatorError.pointSpreadExceedsImage(height: 5, width: 5, image: shape(1, 4, 8))) {
            try Blur(imageShape: shape(1, 4, 8), pointSpread: .uniform(5))
        }
        #expect(throws: OperatorError.unusableShape(shape(3, 0, 8))) {
            try Blur(imageShape: shape(3, 0, 8), pointSpread: .uniform(1))
        }
        let blur = try Blur(imageShape: shape(1, 4, 4), pointSpread: .uniform(3))
        #expect(throws: OperatorError.wrongCount(of: "image", expected: 16, actual: 15)) {
            try blur.apply([Float](repeating: 0, count: 15))
        }
        #expect(throws: OperatorError.wrongCount(of: "measurement", expected: 16, actual: 0)) { try blur.adjoint([]) }
    }
}

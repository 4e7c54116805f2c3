import Foundation
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

/// In a picture of N numbers the fine details are 3/5 of the degrees of freedom, so a sigma from all of them has a relative deviation of
/// sqrt(1 / (2 * 0.6 * N)): 1.2 % for 48x40 pixels in three channels, 2.1 % in one. Four of those and the 5 % that pictures add are the bounds
/// of 0.1 and 0.13. The curves and the edge of the smooth scene have details of their own of some 0.0015, which at a noise of 0.003 add 12 %.
@Suite struct NoiseEstimateTests {
    static let shape = NoiseScene.shape
    static let grey = ImageShape(channels: 1, height: 48, width: 40)

    @Test(arguments: NoiseScene.allCases, [0.003, 0.01, 0.03, 0.1])
    func whiteNoiseOnAnImage(scene: NoiseScene, noise: Double) throws {
        for seed in 1 ... 3 as ClosedRange<UInt64> {
            let estimate = try NoiseScene.estimate(scene.image(noise: noise, seed: seed))
            #expect(abs(estimate.deviation / noise - 1) < (scene == .smooth && noise == 0.003 ? 0.17 : 0.1), "\(estimate)")
            #expect(estimate.verdict == .measured && estimate.findings.isEmpty && !estimate.isShared)
        }
    }

    @Test(arguments: [0.005, 0.01, 0.05]) func roundingAddsToTheNoise(noise: Double) throws {
        let image = roundedTo8Bit(NoiseScene.smooth.image(noise: noise, seed: 8))
        let expected = (noise * noise + 1 / (12 * 255.0 * 255)).squareRoot()
        #expect(abs(try NoiseScene.estimate(image).deviation / expected - 1) < 0.1)
    }

    /// A third of the pixels is missing, with a value that is none. Of 48x40 places 3x3 are complete in some 50, so that 2x2 count, in
    /// some 370: one detail each in three channels, 1110 numbers that overlap; 4 sqrt(1 / (2 * 1110 / 2)) + 0.05 = 0.17.
    @Test func missingPixelsDoNotCount() throws {
        func isMeasured(_ pixel: Int) -> Bool { (pixel * 7919) % 101 < 67 }
        var image = NoiseScene.smooth.image(noise: 0.02, seed: 4)
        for index in image.indices where !isMeasured(index % Self.shape.pixels) { image[index] = index % 2 == 0 ? 7 : .nan }
        let estimate = try NoiseScene.estimate(image, measured: isMeasured)
        #expect(abs(estimate.deviation / 0.02 - 1) < 0.17)
        #expect(estimate.verdict == .measured)
    }

    /// Of 64x64 pixels with 60 % missing some 100 blocks of 2x2 are complete, of which the weakest 60 may be chosen: 180 numbers,
    /// 4 sqrt(1 / 360) + 0.05 = 0.26.
    @Test func mostPixelsAreMissing() throws {
        let shape = ImageShape(channels: 3, height: 64, width: 64)
        let isKept = normalNumbers(shape.pixels, seed: 12).map { $0 < -0.2533 }
        let estimate = try NoiseScene.estimate(NoiseScene.smooth.image(noise: 0.03, seed: 5, shape: shape), shape) { isKept[$0] }
        #expect(abs(estimate.deviation / 0.03 - 1) < 0.26)
    }

    @Test func greyImages() throws {
        let grey = NoiseScene.smooth.image(noise: 0.02, seed: 5, shape: Self.grey)
        let expected = try NoiseScene.estimate(grey, Self.grey)
        #expect(abs(expected.deviation / 0.02 - 1) < 0.13)
        #expect(!expected.isShared)
        let colour = try NoiseScene.estimate(grey + grey + grey)
        #expect(abs(colour.deviation / expected.deviation - 1) < 1e-6)
        #expect(colour.isShared && colour.findings == [.sharedByChannels])
    }

    @Test func aRedStampOnAGreyPicture() throws {
        let grey = roundedTo8Bit(NoiseScene.ramp.image(noise: 0.05, seed: 6, shape: Self.grey))
        var colour = [grey, grey, grey]
        for row in 38 ..< 44 {
            for column in 28 ..< 36 { for channel in 0 ..< 3 { colour[channel][row * 40 + column] = channel == 0 ? 0.9 : 0.1 } }
        }
        let estimate = try NoiseScene.estimate(Array(colour.joined()))
        #expect(abs(estimate.deviation / 0.05 - 1) < 0.13)
        #expect(estimate.isShared)
    }

    /// sigma is the root mean square over the channels.
    @Test func aTonedPicture() throws {
        let grey = roundedTo8Bit(NoiseScene.ramp.image(noise: 0.04, seed: 7, shape: Self.grey))
        let gains: [Float] = [0.9, 0.8, 0.6]
        let toned = roundedTo8Bit(gains.flatMap { gain in grey.map { gain * $0 + 0.05 } })
        let expected = 0.04 * (gains.reduce(0) { $0 + Double($1 * $1) } / 3).squareRoot()
        let estimate = try NoiseScene.estimate(toned)
        #expect(abs(estimate.deviation / expected - 1) < 0.13)
        #expect(estimate.isShared && estimate.verdict == .measured)
    }

    /// 48x40 pixels, of which 18 rows are not black: sqrt(48 / 18) times the deviation, 4 * 2 % + 0.05.
    @Test func blackBarsDoNotCount() throws {
        var image = roundedTo8Bit(NoiseScene.smooth.image(noise: 0.05, seed: 9))
        for index in image.indices where !(15 ..< 33).contains(index % Self.shape.pixels / 40) { image[index] = 0 }
        let estimate = try NoiseScene.estimate(image)
        #expect(abs(estimate.deviation / 0.05 - 1) < 0.13, "\(estimate)")
    }

    /// Where half of the noise is cut off its deviation is 0.58 of what it was; those places do not count.
    @Test func clippedPlacesDoNotCount() throws {
        let image = NoiseScene.flat.image(noise: 0.1, seed: 10).enumerated().map { index, value -> Float in
            index % 40 < 20 ? value - 0.5 : value
        }
        #expect(abs(try NoiseScene.estimate(roundedTo8Bit(image)).deviation / 0.1 - 1) < 0.13)
    }

    /// Of 8x8 pixels 49 blocks of 2x2 count, one detail of three channels each: 147 numbers that overlap, 4 sqrt(1 / 147) + 0.05.
    @Test(arguments: [(8, 0.38), (16, 0.25), (32, 0.15), (64, 0.1)]) func smallPictures(side: Int, bound: Double) throws {
        let shape = ImageShape(channels: 3, height: side, width: side)
        let estimate = try NoiseScene.estimate(NoiseScene.ramp.image(noise: 0.03, seed: 11, shape: shape), shape)
        #expect(abs(estimate.deviation / 0.03 - 1) < bound, "\(estimate)")
    }

    /// Over many estimates the errors, each over its own relative error, are those of a standard normal number or less.
    @Test(arguments: [1, 3], [12, 40]) func theRelativeErrorIsHonest(channels: Int, side: Int) throws {
        let shape = ImageShape(channels: channels, height: side, width: side)
        let scores = try (0 ..< 60).map { seed in
            let estimate = try NoiseScene.estimate(NoiseScene.flat.image(noise: 0.1, seed: UInt64(seed), shape: shape), shape)
            return (estimate.deviation / 0.1 - 1) / estimate.relativeError
        }
        let meanSquare = scores.reduce(0) { $0 + $1 * $1 } / 60
        #expect((0.02 ... 1.7).contains(meanSquare), "\(meanSquare)")
    }

    /// Bilinear enlarging by 2: noise has no finest details then.
    @Test func correlatedNoiseIsToldAndItsFinestPartTaken() throws {
        let shape = ImageShape(channels: 3, height: 64, width: 64)
        let small = NoiseScene.flat.image(noise: 0.05, seed: 13, shape: ImageShape(channels: 3, height: 32, width: 32))
        let enlarged = (0 ..< shape.count).map { index -> Float in
            let (channel, pixel) = index.quotientAndRemainder(dividingBy: shape.pixels)
            let (i, j) = pixel.quotientAndRemainder(dividingBy: 64)
            func at(_ row: Int, _ column: Int) -> Float { small[channel * 1024 + min(31, row) * 32 + min(31, column)] }
            let (a, b) = (at(i / 2, j / 2) + at((i + 1) / 2, j / 2), at(i / 2, (j + 1) / 2) + at((i + 1) / 2, (j + 1) / 2))
            return (a + b) / 4
        }
        let estimate = try NoiseScene.estimate(roundedTo8Bit(enlarged), shape)
        #expect(estimate.findings == [.correlated])
        #expect(estimate.verdict == .lowerBound)
        #expect(estimate.deviation < 0.02 && estimate.relativeError >= 0.5)
    }

    /// One channel of patches of very different strength: nothing says what of it is noise.
    @Test func textureIsNotTakenForNoise() throws {
        let rough = normalNumbers(Self.grey.pixels, seed: 14)
        let texture = (0 ..< Self.grey.pixels).map { pixel -> Float in
            let (i, j) = (Double(pixel / 40), Double(pixel % 40))
            let wave = sin(0.7 * i) * sin(0.9 * j)
            let strength = Float(0.01 + 0.1 * wave * wave)
            let detail = rough[pixel] + rough[max(0, pixel - 1)]
            return 0.5 + strength * detail / 2
        }
        let estimate = try NoiseScene.estimate(roundedTo8Bit(texture), Self.grey)
        #expect(estimate.verdict == .lowerBound)
        #expect(estimate.findings == [.textured] || estimate.findings == [.correlated])
        let whole = texture.reduce(0) { $0 + Double(($1 - 0.5) * ($1 - 0.5)) } / Double(texture.count)
        #expect(estimate.deviation < 0.4 * whole.squareRoot())
    }

    @Test func noNoiseIsRounding() throws {
        let exact = try NoiseScene.estimate(NoiseScene.flat.image(noise: 0, seed: 6))
        #expect(exact.deviation == 0 && exact.verdict == .tooFewPixels)
        let ramp = try NoiseScene.estimate(roundedTo8Bit(NoiseScene.ramp.image(noise: 0, seed: 6)))
        #expect(ramp.deviation < 1.3 / (255 * 12.0.squareRoot()))
        #expect([.rounding, .tooFewPixels].contains(ramp.verdict))
    }

    @Test func theRoundingIsRecognized() {
        let numbers = normalNumbers(500, seed: 15).map { 0.5 + 0.1 * $0 }
        #expect(NoiseEstimate.rounding(of: roundedTo8Bit(numbers)) == 1 / (255 * 12.0.squareRoot()))
        #expect(NoiseEstimate.rounding(of: numbers.map { ($0 * 65535).rounded() / 65535 }) == 1 / (65535 * 12.0.squareRoot()))
        #expect(NoiseEstimate.rounding(of: numbers) == 0)
    }

    @Test(arguments: [(1, 1), (1, 17), (3, 5), (19, 2), (4, 4)]) func tinyPicturesAreNoError(height: Int, width: Int) throws {
        let shape = ImageShape(channels: 3, height: height, width: width)
        let estimate = try NoiseScene.estimate(roundedTo8Bit(NoiseScene.flat.image(noise: 0.1, seed: 1, shape: shape)), shape)
        if height * width < 30 { #expect(estimate.verdict == .tooFewPixels) }
        #expect(estimate.deviation >= 1 / (255 * 12.0.squareRoot()))
        #expect(estimate.findings.count <= 1)
    }

    @Test func everythingMissingIsNoError() throws {
        let estimate = try NoiseScene.estimate(NoiseScene.flat.image(noise: 0.1, seed: 7)) { $0 % 2 == 0 }
        #expect(estimate.verdict == .tooFewPixels)
        #expect(estimate.findings == [.tooFewPatches(found: 0, required: 16, side: 2)])
    }

    @Test func lengthsMustFit() {
        #expect(throws: NoiseEstimateError.self) { try NoiseScene.estimate([1, 2, 3]) }
        #expect(throws: NoiseEstimateError.self) {
            try NoiseEstimate(of: [1], shape: ImageShape(channels: 1, height: 1, width: 1), measured: [])
        }
    }
}

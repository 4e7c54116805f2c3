import Foundation
import InverseSolvers
import KernelInterface
import Testing

@Suite struct NoiseEstimateTests {
    static let shape = ImageShape(channels: 3, height: 48, width: 40)

    enum Scene: CaseIterable {
        case flat, smooth, textured

        /// The textures of all channels are alike, as those of photographs.
        func value(_ row: Int, _ column: Int, _ channel: Int) -> Double {
            let (i, j, c) = (Double(row), Double(column), Double(channel))
            return switch self {
            case .flat: 0.5
            case .smooth: 0.5 + 0.3 * sin(0.1 * i + 0.3 * c) * cos(0.13 * j) + (column > 20 ? 0.2 : 0)
            case .textured: 0.4 + 0.1 * c + 0.2 * sin(2.1 * i + 1.3 * j) * cos(2.7 * j)
            }
        }
    }

    static func image(_ scene: Scene, noise: Double, seed: UInt64, shape: ImageShape = shape) -> [Float] {
        zip(0 ..< shape.count, normalNumbers(shape.count, seed: seed)).map { index, normal in
            let (channel, pixel) = index.quotientAndRemainder(dividingBy: shape.pixels)
            let (row, column) = pixel.quotientAndRemainder(dividingBy: shape.width)
            return Float(scene.value(row, column, channel) + noise * Double(normal))
        }
    }

    static func estimate(_ image: [Float], _ shape: ImageShape = shape, measured: (Int) -> Bool = { _ in true }) throws -> Double {
        try NoiseEstimate(of: image, shape: shape, measured: (0 ..< shape.pixels).map(measured)).deviation
    }

    @Test(arguments: Scene.allCases, [0.003, 0.01, 0.03, 0.1])
    func whiteNoiseOnAnImage(scene: Scene, noise: Double) throws {
        for seed in 1 ... 3 as ClosedRange<UInt64> {
            #expect(abs(try Self.estimate(Self.image(scene, noise: noise, seed: seed)) / noise - 1) < 0.12)
        }
    }

    /// A third of the pixels is missing, with a value that is none; few blocks are complete.
    @Test func missingPixelsDoNotCount() throws {
        func isMeasured(_ pixel: Int) -> Bool { (pixel * 7919) % 101 < 67 }
        var image = Self.image(.smooth, noise: 0.02, seed: 4)
        for index in image.indices where !isMeasured(index % Self.shape.pixels) { image[index] = 7 }
        #expect(abs(try Self.estimate(image, measured: isMeasured) / 0.02 - 1) < 0.25)
    }

    @Test func greyImages() throws {
        let shape = ImageShape(channels: 1, height: 48, width: 40)
        let grey = Self.image(.smooth, noise: 0.02, seed: 5, shape: shape)
        let expected = try Self.estimate(grey, shape)
        #expect(abs(expected / 0.02 - 1) < 0.12)
        #expect(try Self.estimate(grey + grey + grey) == expected)
    }

    /// Without details of an image the deviation of the estimates is the median's own.
    @Test(arguments: [1, 3], [12, 40])
    func theRelativeErrorIsThatOfTheEstimates(channels: Int, side: Int) throws {
        let shape = ImageShape(channels: channels, height: side, width: side)
        let estimates = try (0 ..< 100).map { seed in
            let image = Self.image(.flat, noise: 0.1, seed: UInt64(seed), shape: shape)
            return try NoiseEstimate(of: image, shape: shape, measured: [Bool](repeating: true, count: shape.pixels))
        }
        let mean = estimates.reduce(0) { $0 + $1.deviation } / 100
        let variance = estimates.reduce(0) { $0 + ($1.deviation - mean) * ($1.deviation - mean) } / 99 / (mean * mean)
        let expected = estimates[0].relativeError * estimates[0].relativeError - 0.05 * 0.05
        #expect((0.5 ... 1.6).contains(variance / expected), "\(variance) for \(expected)")
    }

    @Test func noNoiseIsNone() throws {
        #expect(try Self.estimate(Self.image(.flat, noise: 0, seed: 6)) < 1e-6)
    }

    @Test func tooLittleIsRefused() {
        #expect(throws: NoiseEstimateError.fewBlocks(found: 0, required: 16)) {
            try Self.estimate([Float](repeating: 0, count: 99), ImageShape(channels: 1, height: 1, width: 99))
        }
        #expect(throws: NoiseEstimateError.fewBlocks(found: 9, required: 16)) {
            try Self.estimate([Float](repeating: 0, count: 48), ImageShape(channels: 3, height: 4, width: 4))
        }
        #expect(throws: NoiseEstimateError.fewBlocks(found: 0, required: 16)) {
            try Self.estimate(Self.image(.flat, noise: 0, seed: 7)) { $0 % 2 == 0 }
        }
        #expect(throws: NoiseEstimateError.self) { try Self.estimate([1, 2, 3]) }
        #expect(throws: NoiseEstimateError.self) { try NoiseEstimate(of: [1], shape: ImageShape(channels: 1, height: 1, width: 1), measured: []) }
    }
}

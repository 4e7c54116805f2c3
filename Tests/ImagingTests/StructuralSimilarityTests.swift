import Foundation
import Imaging
import KernelInterface
import TestSupport
import Testing

/// PSNR and SSIM against the values that scikit-image gave for the pairs in Fixtures.
@Suite struct StructuralSimilarityTests {
    private struct Document: Decodable {
        struct Values: Decodable {
            let psnr: Double
            let ssim: Double
        }

        let pairs: [String: Values]
    }

    @Test func equalsScikitImage() throws {
        let document = try JSONDecoder().decode(Document.self, from: Data(Fixture.bytes("quality.json")))
        #expect(document.pairs.count == 6)
        for (name, expected) in document.pairs {
            let array = try NumPyArray.read(Fixture.path("\(name).npy"))
            let shape = ImageShape(channels: array.shape[1], height: array.shape[2], width: array.shape[3])
            let first = try Image(shape: shape, pixels: Array(array.values[..<shape.count]))
            let second = try Image(shape: shape, pixels: Array(array.values[shape.count...]))
            // Both sides work in Double and differ in the order of their sums only.
            #expect(abs(try peakSignalToNoiseRatio(first, second) - expected.psnr) <= 1e-9, "\(name)")
            let ssim = try #require(try structuralSimilarity(first, second))
            #expect(abs(ssim - expected.ssim) <= 1e-9, "\(name)")
            #expect(abs(try #require(try structuralSimilarity(second, first)) - ssim) <= 1e-15, "\(name)")
        }
    }

    @Test func equalImages() throws {
        let image = try Image(channels: 3, height: 12, width: 13) { Float($0 * $1 % 7) / 7 + Float($2) / 10 }
        #expect(try peakSignalToNoiseRatio(image, image) == .infinity)
        #expect(abs(try #require(try structuralSimilarity(image, image)) - 1) <= 1e-12)
    }

    @Test func noSimilarityBelowTheWindow() throws {
        for (height, width) in [(10, 11), (11, 10), (1, 1), (1, 500)] {
            let image = try Image(channels: 1, height: height, width: width) { _, _, _ in 0.5 }
            #expect(try structuralSimilarity(image, image) == nil)
            #expect(try peakSignalToNoiseRatio(image, image) == .infinity)
        }
    }

    @Test func shapesMustBeEqual() throws {
        let grey = try Image(channels: 1, height: 12, width: 12) { _, _, _ in 0 }
        let colour = try grey.converted(toChannels: 3)
        #expect(throws: ImageError.shapesDiffer(grey.shape, colour.shape)) { try peakSignalToNoiseRatio(grey, colour) }
        #expect(throws: ImageError.shapesDiffer(colour.shape, grey.shape)) { try structuralSimilarity(colour, grey) }
    }
}

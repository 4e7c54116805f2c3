import Foundation
import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct SpectralBasisTests {
    private static let shapes = [(3, 16, 16), (1, 5, 7), (2, 6, 9), (1, 9, 6), (1, 4, 1), (1, 1, 1), (2, 33, 70), (1, 40, 17)].map {
        ImageShape(channels: $0.0, height: $0.1, width: $0.2)
    }

    private static func coordinates(_ image: [Float], _ basis: SpectralBasis) -> Vector {
        let result = Vector(count: basis.count)
        image.withUnsafeBufferPointer { image in
            if let first = image.baseAddress { basis.decompose(first, into: result) }
        }
        return result
    }

    @Test(arguments: shapes) func innerProductsAreThoseOfTheImages(shape: ImageShape) throws {
        let basis = try SpectralBasis(shape)
        let (a, b) = (normalNumbers(shape.count, seed: 1), normalNumbers(shape.count, seed: 2))
        let (left, right) = (Vector(a), Vector(b))
        let product = Self.coordinates(a, basis).dot(Self.coordinates(b, basis))
        #expect(abs(product - left.dot(right)) < 1e-5 * left.norm * right.norm)
    }

    @Test(arguments: shapes) func theImageComesBack(shape: ImageShape) throws {
        let basis = try SpectralBasis(shape)
        let image = normalNumbers(shape.count, seed: 3)
        let result = Vector(count: shape.count)
        basis.compose(Self.coordinates(image, basis), into: result.mutableElements)
        #expect(relativeError(result.array, image.map(Double.init)) < 1e-5)
    }

    @Test func threadsChangeNoBit() throws {
        let shape = ImageShape(channels: 3, height: 150, width: 166)
        let image = normalNumbers(shape.count, seed: 4)
        let results = try [1, 2, 5].map { threads in
            let basis = try SpectralBasis(shape, parallelism: Parallelism(threads: threads))
            let (numbers, back) = (Self.coordinates(image, basis), Vector(count: shape.count))
            basis.compose(numbers, into: back.mutableElements)
            return [numbers.array, back.array]
        }
        #expect(results[1] == results[0] && results[2] == results[0])
        #expect(relativeError(results[0][1], image.map(Double.init)) < 1e-5)
    }

    /// A wave that its conjugate stands beside has two coordinates, of the same length as the wave.
    @Test func aWaveIsOneFrequency() throws {
        let shape = ImageShape(channels: 1, height: 8, width: 8)
        let wave = (0 ..< 64).map { Float(cos(2 * Double.pi * Double($0 % 8) * 2 / 8 + 0.3)) }
        let numbers = Self.coordinates(wave, try SpectralBasis(shape)).array
        let stride = numbers.count / 2
        let length = hypot(numbers[2], numbers[stride + 2])
        #expect(abs(Double(length) - Vector(wave).norm) < 1e-4)
        #expect(numbers.indices.allSatisfy { $0 % stride == 2 || abs(numbers[$0]) < 1e-5 })
    }
}

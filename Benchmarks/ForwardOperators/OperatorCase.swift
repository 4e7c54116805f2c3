import Foundation
import Measuring
import Reglow

/// An operator with a plain loop that gives the same measurement.
struct OperatorCase {
    let name: String
    let imageShape: ImageShape
    let threads: Int
    /// Nominal operations of A, and of its adjoint: see `OperatorCase.all`.
    let operations: Double
    let make: () throws -> (any ForwardOperator, reference: ([Double]) -> [Double])

    /// Operations are counted so: one for each number that is copied; an addition for each that is averaged; two for each entry
    /// of a dense matrix; for a blur 2.5 n log2 n for each of the two Fourier transforms of a plane of n pixels, and 6 for each
    /// of the n / 2 products between them.
    static func all(height: Int, width: Int) -> [OperatorCase] {
        let shape = ImageShape(channels: 3, height: height, width: width)
        let numbers = Double(shape.count)
        return [
            OperatorCase(name: "identity", imageShape: shape, threads: 1, operations: numbers) {
                (try Identity(imageShape: shape), { $0 })
            },
            blur(shape),
            OperatorCase(name: "downsampling 2", imageShape: shape, threads: 1, operations: numbers) {
                (try Downsampling(imageShape: shape, factor: 2), { blockMeans($0, shape, factor: 2) })
            },
            OperatorCase(name: "downsampling 4", imageShape: shape, threads: 1, operations: numbers) {
                (try Downsampling(imageShape: shape, factor: 4), { blockMeans($0, shape, factor: 4) })
            },
            OperatorCase(name: "mask random", imageShape: shape, threads: 1, operations: numbers) {
                let mask = try Mask.random(shape, missing: 0.6, seed: 1)
                return (mask, { kept($0, by: mask) })
            },
            OperatorCase(name: "mask hole", imageShape: shape, threads: 1, operations: numbers) {
                let mask = try Mask.hole(shape, size: 20)
                return (mask, { kept($0, by: mask) })
            },
            compressive(shape, measurements: shape.count / 8),
        ]
    }

    static func blur(_ shape: ImageShape) -> OperatorCase {
        let pixels = Double(shape.pixels)
        let operations = Double(shape.channels) * (2 * 2.5 * pixels * log2(pixels) + 6 * pixels / 2)
        return OperatorCase(name: "blur 5x5", imageShape: shape, threads: 1, operations: operations) {
            (try Blur(imageShape: shape, pointSpread: try .uniform(5)), { periodicMeans($0, shape, reach: 2) })
        }
    }

    static func compressive(_ shape: ImageShape, measurements: Int) -> OperatorCase {
        let threads = ThreadCount.available()
        return OperatorCase(
            name: "dense 1 in 8", imageShape: shape, threads: threads, operations: 2 * Double(measurements * shape.count)
        ) {
            let entries = normalNumbers(measurements * shape.count, seed: 1)
            let matrix = try DenseMatrix(
                imageShape: shape, measurements: measurements, entries: entries, parallelism: Parallelism(threads: threads))
            return (
                matrix,
                { image in
                    (0 ..< measurements).map { row in
                        image.indices.reduce(0) { $0 + Double(entries[row * image.count + $1]) * image[$1] }
                    }
                }
            )
        }
    }
}

/// The mean over `factor` x `factor` pixels.
private func blockMeans(_ image: [Double], _ shape: ImageShape, factor: Int) -> [Double] {
    var means = [Double](repeating: 0, count: image.count / (factor * factor))
    let width = shape.width / factor
    for (index, value) in image.enumerated() {
        let (channel, row, column) = position(index, shape)
        means[(channel * (shape.height / factor) + row / factor) * width + column / factor] += value / Double(factor * factor)
    }
    return means
}

/// The mean over the pixels at most `reach` away in each direction, on a torus.
private func periodicMeans(_ image: [Double], _ shape: ImageShape, reach: Int) -> [Double] {
    let side = 2 * reach + 1
    return image.indices.map { index in
        let (channel, row, column) = position(index, shape)
        var sum = 0.0
        for dy in -reach ... reach {
            for dx in -reach ... reach {
                let y = (row + dy + shape.height) % shape.height
                let x = (column + dx + shape.width) % shape.width
                sum += image[(channel * shape.height + y) * shape.width + x]
            }
        }
        return sum / Double(side * side)
    }
}

private func kept(_ image: [Double], by mask: Mask) -> [Double] {
    image.indices.map { mask.keep[$0 % mask.imageShape.pixels] ? image[$0] : 0 }
}

private func position(_ index: Int, _ shape: ImageShape) -> (channel: Int, row: Int, column: Int) {
    (index / shape.pixels, index % shape.pixels / shape.width, index % shape.width)
}

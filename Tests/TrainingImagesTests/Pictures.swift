import Files
import Foundation
import Imaging
import KernelInterface
import TestSupport
import Testing
import TrainingImages

extension TemporaryFolder {
    /// A picture whose byte at (channel, row, column) is `byte(channel, row, column)`.
    func picture(
        _ name: String, height: Int = 8, width: Int = 8, channels: Int = 3,
        _ byte: (_ channel: Int, _ row: Int, _ column: Int) -> Int = { 90 * $0 + $1 + $2 }
    ) throws {
        try ImageFile.write(picturedBytes(height: height, width: width, channels: channels, byte), to: file(name))
    }

    /// Pictures that say which pixel of which picture each of their bytes is: red the row, green the column, blue the picture.
    func writeMaps(_ sizes: [(height: Int, width: Int)]) throws {
        for (index, size) in sizes.enumerated() {
            try picture("\(index).png", height: size.height, width: size.width) { channel, row, column in
                [row, column, 10 * index][channel]
            }
        }
    }

    /// The corpus of this folder, and what was left out of it.
    func corpus(
        smallestSide: Int = 8, memoryLimit: Int = ImageCorpus.defaultMemoryLimit, threads: Int = 2
    ) throws -> (corpus: ImageCorpus, leftOut: [FileError]) {
        var leftOut: [FileError] = []
        let corpus = try ImageCorpus(
            folder: path, smallestSide: smallestSide, memoryLimit: memoryLimit, parallelism: Parallelism(threads: threads)
        ) { leftOut.append($0) }
        return (corpus, leftOut)
    }

    func sampler(
        crop: Int, batch: Int, flips: Bool = false, shrink: Double = 1, bits: Int = 8, seed: UInt64 = 1,
        memoryLimit: Int = ImageCorpus.defaultMemoryLimit
    ) throws -> BatchSampler {
        var options = BatchSampler.Options()
        options.cropSize = crop
        options.batch = batch
        options.flips = flips
        options.largestShrink = shrink
        return try BatchSampler(
            corpus: corpus(smallestSide: crop, memoryLimit: memoryLimit).corpus, options: options,
            dequantization: Dequantization(bits: bits), seed: seed)
    }
}

/// Crops of a batch of maps as (picture, rows, columns).
func maps(_ batch: [Float], crop: Int) -> [(picture: Int, rows: [Int], columns: [Int])] {
    let plane = crop * crop
    return stride(from: 0, to: batch.count, by: 3 * plane).map { start in
        let values = bytes(under: batch[start ..< start + 3 * plane])
        return (values[2 * plane] / 10, Array(values[..<plane]), Array(values[plane ..< 2 * plane]))
    }
}

/// The picture whose byte at (channel, row, column) is `byte(channel, row, column)`.
func picturedBytes(
    height: Int, width: Int, channels: Int = 3, _ byte: (_ channel: Int, _ row: Int, _ column: Int) -> Int
) throws -> Image {
    try Image(channels: channels, height: height, width: width) { Float(byte($2, $0, $1)) / 255 }
}

/// The bytes under values with noise of 8 bits, which moves none of them by more than half a level.
func bytes(under values: some Sequence<Float>) -> [Int] {
    values.map { Int((255 * ($0 + 0.5)).rounded()) }
}

let oneThread = Parallelism(threads: 1)

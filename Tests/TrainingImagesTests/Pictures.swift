import Files
import Foundation
import Imaging
import KernelInterface
import Testing
import TrainingImages

/// A folder of pictures for one test, removed with the object.
final class PictureFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "reglow-training-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: self(name), withIntermediateDirectories: true)
    }

    func file(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: self(name)))
    }

    /// A picture whose byte at (channel, row, column) is `byte(channel, row, column)`.
    func picture(
        _ name: String, height: Int = 8, width: Int = 8, channels: Int = 3,
        _ byte: (_ channel: Int, _ row: Int, _ column: Int) -> Int = { 90 * $0 + $1 + $2 }
    ) throws {
        try ImageFile.write(Self.image(height: height, width: width, channels: channels, byte), to: self(name))
    }

    static func image(
        height: Int, width: Int, channels: Int = 3, _ byte: (_ channel: Int, _ row: Int, _ column: Int) -> Int
    ) throws -> Image {
        let pixels = (0 ..< channels).flatMap { channel in
            (0 ..< height).flatMap { row in (0 ..< width).map { column in Float(byte(channel, row, column)) / 255 } }
        }
        return try Image(shape: ImageShape(channels: channels, height: height, width: width), pixels: pixels)
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

/// The bytes under values with noise of 8 bits, which moves none of them by more than half a level.
func bytes(under values: some Sequence<Float>) -> [Int] {
    values.map { Int((255 * ($0 + 0.5)).rounded()) }
}

let oneThread = Parallelism(threads: 1)

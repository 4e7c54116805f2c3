import ArgumentParser
import Reglow

/// The images of a training, and how they become batches.
struct TrainingImageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Images to measure the model on, never trained with.", valueName: "folder"), completion: .directory)
    var validation: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The most crops of --validation, taken at even distances.", valueName: "count"))
    var validationCrops = 300

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Side of the square crops in pixels, a multiple of 2 to the power of the levels.", valueName: "pixels"))
    var crop = 64

    @Option(parsing: .unconditional, help: ArgumentHelp("Crops of a step.", valueName: "count"))
    var batch = 32

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Shrink each crop by a random factor from 1 to this.", valueName: "factor"))
    var downscale = 1.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Give this part of the crops fine colour, in which brightness has detail: for files whose chroma was subsampled, so that \
            the model also knows images that have it.
            """, valueName: "part"))
    var chromaDetail = 0.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            The JPEG files of the folder were saved with this quality: take away the noise that it made, by coding them again with other \
            alignments of the blocks and taking the mean.
            """, valueName: "quality"))
    var cleanJpeg: Int?

    @Flag(inversion: .prefixedNo, help: "Mirror half of the crops left to right.")
    var flips = true

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Bits of an image whose steps are as wide as the noise that is added: 5 gives noise of width 1/32, 8 of 1/256.",
            valueName: "bits"))
    var noiseLevels = 5

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Megabytes of memory for decoded images. Those beyond it are decoded again each time; the result is the same.",
            valueName: "MB"))
    var imageMemory = ImageCorpus.defaultMemoryLimit >> 20

    private static let mostCrops = 100_000
    private static let mostMegabytes = 1 << 30

    func validate() throws {
        try require((1 ... 4096).contains(crop), "--crop is \(crop), but must be from 1 to 4096")
        try require((1 ... 4096).contains(batch), "--batch is \(batch), but must be from 1 to 4096")
        try require((1 ... 64).contains(downscale), "--downscale is \(downscale), but must be from 1 to 64")
        if let cleanJpeg { try require((1 ... 100).contains(cleanJpeg), "--clean-jpeg is \(cleanJpeg), but must be from 1 to 100") }
        try require((0 ... 1).contains(chromaDetail), "--chroma-detail is \(chromaDetail), but must be from 0 to 1")
        try require(
            Dequantization.bitBounds.contains(noiseLevels), "--noise-levels is \(noiseLevels), but must be from 1 to 8 bits")
        try require(
            (1 ... Self.mostCrops).contains(validationCrops),
            "--validation-crops is \(validationCrops), but must be from 1 to \(Self.mostCrops)")
        try require(
            (0 ... Self.mostMegabytes).contains(imageMemory),
            "--image-memory is \(imageMemory), but must be from 0 to \(Self.mostMegabytes)")
    }

    var crops: Training.Crops {
        var crops = Training.Crops()
        crops.size = crop
        crops.batch = batch
        crops.flips = flips
        crops.largestShrink = downscale
        crops.chromaDetail = chromaDetail
        crops.jpegQuality = cleanJpeg
        crops.noiseBits = noiseLevels
        crops.validationLimit = validationCrops
        return crops
    }
}

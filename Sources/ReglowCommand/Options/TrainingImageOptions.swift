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

    /// - Parameter model: of the flow that is trained.
    /// - Throws: `FileError` that names the folder that cannot be read or has no image that can be used.
    func sampler(_ folder: String, for model: GlowArchitecture, seed: UInt64, engine: EngineOptions) throws -> BatchSampler {
        var options = BatchSampler.Options()
        options.cropSize = crop
        options.batch = batch
        options.flips = flips
        options.largestShrink = downscale
        options.chromaDetail = chromaDetail
        return try BatchSampler(
            corpus: corpus(folder, jpegQuality: cleanJpeg, engine), options: options, dequantization: dequantization(model), seed: seed)
    }

    /// - Throws: as `sampler` does.
    func validation(for model: GlowArchitecture, seed: UInt64, engine: EngineOptions) throws -> ValidationCrops? {
        try validation.map { folder in
            try ValidationCrops(
                corpus: corpus(folder, engine), cropSize: crop, limit: validationCrops, dequantization: dequantization(model),
                seed: seed)
        }
    }

    private func dequantization(_ model: GlowArchitecture) throws -> Dequantization {
        try Dequantization(bits: noiseLevels, pixelShift: model.pixelShift)
    }

    /// Images that cannot be used are told to the user and left out.
    private func corpus(_ folder: String, jpegQuality: Int? = nil, _ engine: EngineOptions) throws -> ImageCorpus {
        let log = engine.log
        let corpus = try ImageCorpus(
            folder: folder, smallestSide: crop, jpegQuality: jpegQuality, memoryLimit: imageMemory << 20,
            parallelism: engine.parallelism
        ) { log.warning("\($0); left out") }
        let onDisk = corpus.count - corpus.heldCount
        let rest = onDisk == 0 ? "" : ", \(onDisk) of them decoded at each use because of --image-memory"
        log.notice("\(folder): \(corpus.count) \(corpus.count == 1 ? "image" : "images")\(rest)")
        return corpus
    }
}

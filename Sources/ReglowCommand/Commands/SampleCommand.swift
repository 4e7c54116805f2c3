import ArgumentParser
import Reglow

/// `reglow sample`: images drawn from the prior.
struct SampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Draws images from the prior.",
        discussion: """
            The output is one sheet of all images when its name ends in .png, else a folder of single images. The k-th image \
            depends on the seed and k alone.
            """)

    @OptionGroup
    var prior: PriorOption

    @Option(parsing: .unconditional, help: ArgumentHelp("How many images.", valueName: "n"))
    var count = 8

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Standard deviation of the latent: below 1 more typical faces, with less variety.", valueName: "t"))
    var temperature = 0.7

    @Option(parsing: .unconditional, help: ArgumentHelp("Seed of the latents.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "Size of an image, in multiples that the model takes. (default: 64x64, or the only one that it takes)", valueName: "HxW"))
    var size: Problem.ImageSize?

    @Option(name: .shortAndLong, help: ArgumentHelp("A sheet (.png) or a folder.", valueName: "path"), completion: .file())
    var output: String

    @OptionGroup
    var engine: EngineOptions

    struct Summary: Encodable {
        let outputs: [String]
        let prior: String
        let temperature: Double
        let seed: UInt64
    }

    private static let largestCount = 1000
    private static let columns = 8

    func validate() throws {
        _ = try engine.precision.single()
        try require((1 ... Self.largestCount).contains(count), "--count is \(count), but must be from 1 to \(Self.largestCount)")
        try require(
            temperature >= 0 && temperature.isFinite,
            "--temperature is \(temperature), but must be a finite number that is not negative")
        try OutputFiles.requireDistinct([("--output", output), ("--json", engine.json)], inputs: [prior.name])
    }

    func run() throws {
        let isSheet = fileExtension(of: output) == "png"
        if isSheet { try ImageFile.requireWritable(output) }
        try engine.requireJSONWritable()
        let glow = try prior.load(engine)
        let images = try glow.sample(
            count: count, size: size ?? .usual(of: glow), temperature: temperature, seed: seed, parallelism: engine.parallelism)
        let outputs: [String]
        if isSheet {
            outputs = [output]
            try ImageFile.write(try sheet(images), to: output)
        } else {
            try Folder.create(output)
            outputs = images.indices.map { index in
                Folder.joined(output, "sample-\(String(repeating: "0", count: 3 - min(3, String(index).count)))\(index).png")
            }
            for (image, path) in zip(images, outputs) { try ImageFile.write(image, to: path) }
        }
        let summary = Summary(outputs: outputs, prior: prior.name, temperature: temperature, seed: seed)
        try engine.deliver(EngineReport(summary, engine), text: "\(output): \(count) \(count == 1 ? "image" : "images")")
    }

    private func sheet(_ images: [Image]) throws -> Image {
        let rows = stride(from: 0, to: images.count, by: Self.columns).map { first in
            images[first ..< min(first + Self.columns, images.count)].map { LabelledGrid.Cell($0) }
        }
        return try LabelledGrid(columnLabels: [], rowLabels: [], cells: rows, scale: 2, textScale: 1).rendered()
    }
}

import ArgumentParser
import Reglow
import TrainingReports

/// `reglow likelihood`: how well a prior knows images.
struct LikelihoodCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "likelihood",
        abstract: "Measures bits per dimension of images under a prior: lower is likelier.",
        discussion: """
            Each image is laid out with square crops side by side, in its centre; of all crops of a folder at most --crops are taken, \
            at even distances. Uniform noise of mean zero is added, as in training: figures with different --noise-levels cannot be \
            compared.

              reglow likelihood faces/val faces/test --prior faces64
            """)

    @Argument(help: "Folders of images.", completion: .directory)
    var folders: [String]

    @OptionGroup
    var prior: PriorOption

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Side of the crops in pixels, in multiples that the model takes.", valueName: "pixels"))
    var crop = 64

    @Option(parsing: .unconditional, help: ArgumentHelp("The most crops of a folder.", valueName: "count"))
    var crops = 300

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Bits of an image whose steps are as wide as the noise: 5 gives noise of width 1/32.", valueName: "bits"))
    var noiseLevels = 5

    @Option(parsing: .unconditional, help: ArgumentHelp("Seed of the noise.", valueName: "n"))
    var seed: UInt64 = 0

    @OptionGroup
    var engine: EngineOptions

    struct Report: Encodable {
        let results: [Result]
        let prior: String
        let crop: Int
        let noiseLevels: Int
        let seed: UInt64
    }

    /// One folder.
    struct Result: Encodable {
        let folder: String
        let crops: Int
        let mean: JSONNumber
        let median: JSONNumber
        let standardDeviation: JSONNumber

        init(folder: String, bits: [Double]) {
            let sorted = bits.sorted()
            let mean = bits.reduce(0, +) / Double(bits.count)
            self.folder = folder
            crops = bits.count
            self.mean = JSONNumber(mean)
            median = JSONNumber((sorted[(bits.count - 1) / 2] + sorted[bits.count / 2]) / 2)
            standardDeviation = JSONNumber((bits.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(bits.count)).squareRoot())
        }
    }

    func validate() throws {
        _ = try engine.precision.single()
        try require((1 ... 4096).contains(crop), "--crop is \(crop), but must be from 1 to 4096")
        try require((1 ... 100_000).contains(crops), "--crops is \(crops), but must be from 1 to 100000")
        try require(
            Dequantization.bitBounds.contains(noiseLevels), "--noise-levels is \(noiseLevels), but must be from 1 to 8 bits")
        try OutputFiles.requireDistinct([("--json", engine.json)], inputs: [prior.name])
    }

    func run() throws {
        try engine.requireJSONWritable()
        let glow = try prior.load(engine)
        try require(
            glow.imageChannels == 3 && crop % glow.sizeMultiple == 0,
            "--crop is \(crop), but \(prior.name) takes colour images with sides in multiples of \(glow.sizeMultiple)")
        let log = engine.log
        let dequantization = try Dequantization(bits: noiseLevels, pixelShift: glow.architecture.pixelShift)
        let results = try folders.map { folder in
            let corpus = try ImageCorpus(folder: folder, smallestSide: crop, parallelism: engine.parallelism) {
                log.warning("\($0); left out")
            }
            let chosen = try ValidationCrops(
                corpus: corpus, cropSize: crop, limit: crops, dequantization: dequantization, seed: seed)
            return Result(folder: folder, bits: try glow.bitsPerDimension(of: chosen, parallelism: engine.parallelism))
        }
        let report = Report(results: results, prior: prior.name, crop: crop, noiseLevels: noiseLevels, seed: seed)
        try engine.deliver(EngineReport(report, engine), text: Self.text(results))
    }

    private static func text(_ results: [Result]) -> String {
        let heading = "bits per dimension"
        let width = -([heading] + results.map(\.folder)).reduce(0) { max($0, $1.count) }
        let header = Columns.line([(heading, width), ("crops", 6), ("mean", 8), ("median", 8), ("deviation", 9)])
        return
            ([header]
            + results.map { result in
                func number(_ value: JSONNumber) -> String { value.value.map { $0.fixed(4) } ?? "-" }
                return Columns.line([
                    (result.folder, width), ("\(result.crops)", 6), (number(result.mean), 8), (number(result.median), 8),
                    (number(result.standardDeviation), 9),
                ])
            }).joined(separator: "\n")
    }
}

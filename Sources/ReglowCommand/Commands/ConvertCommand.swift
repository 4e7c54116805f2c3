import ArgumentParser
import Reglow
import TrainingReports

/// `reglow convert`: a model file with its networks' weights stored in another form.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Writes a model with the weights of its networks in 16 or in 32 bits.",
        discussion: """
            The weights of the coupling networks, nearly all of a file, are rounded to the nearest number of the new form; biases, the \
            1x1 convolutions and the card stay as they are. Reading widens the numbers exactly, so nothing is rounded twice. What the \
            rounding costs: compare reglow likelihood of both files.

              reglow convert mine.safetensors --networks fp16 --output mine-small.safetensors
            """)

    @Argument(help: "The model file, or the name of a shipped prior.", completion: .models)
    var model: String

    @Option(help: "How the weights of the coupling networks are stored.")
    var networks: WeightStorage

    @Option(name: .shortAndLong, help: ArgumentHelp("The new model, .safetensors.", valueName: "file"), completion: .models)
    var output: String

    @OptionGroup
    var engine: EngineOptions

    struct Report: Encodable {
        let input: String
        let output: String
        let networks: String
        let inputBytes: Int
        let outputBytes: Int
    }

    func validate() throws {
        _ = try engine.precision.single()
        try OutputFiles.requireEnding("--output", output, [TrainingFiles.modelExtension])
        try OutputFiles.requireDistinct([("--output", output), ("--json", engine.json)], inputs: [model])
    }

    func run() throws {
        try engine.requireJSONWritable()
        let source = try ModelFile(path: ShippedFiles.priorPath(model))
        try ModelFile.write(source, to: output, networks: networks)
        let report = Report(
            input: source.path, output: output, networks: networks.rawValue, inputBytes: source.bytes,
            outputBytes: try ModelFile(path: output).bytes)
        let sizes = [report.inputBytes, report.outputBytes].map { "\((Double($0) / 1e6).fixed(1)) MB" }
        try engine.deliver(report, text: "\(output): networks in \(networks.rawValue), \(sizes[0]) to \(sizes[1])")
    }
}

extension WeightStorage: ExpressibleByArgument {}

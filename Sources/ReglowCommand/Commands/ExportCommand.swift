import ArgumentParser
import Reglow

/// `reglow export`: a model as a state dict of PyTorch.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a model as the state dict of a public PyTorch implementation.",
        discussion: """
            The output is a file that torch.load reads (.pt, .pth) or safetensors. rosinality's code loads it into Glow(channels, K, L, \
            affine=...) with its usual LU decomposition; its latents, images and log-determinants are then Reglow's. Networks are filled up \
            with zeros to the 512 hidden channels that the code builds.

              reglow export faces64 --to rosinality --output faces64.pt
            """)

    enum Family: String, CaseIterable, ExpressibleByArgument {
        case rosinality
    }

    @Argument(help: "The model file, or the name of a shipped prior.", completion: .models)
    var model: String

    @Option(help: "The implementation whose names the tensors have.")
    var to: Family

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The state dict: .pt, .pth or .safetensors.", valueName: "file"),
        completion: .file(extensions: ["pt", "pth", "safetensors"]))
    var output: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Hidden channels of the networks that the code builds (default: \(512), or one more than the model's where that is more).",
            valueName: "count"))
    var hidden: Int?

    @OptionGroup
    var engine: EngineOptions

    struct Report: Encodable {
        let input: String
        let output: String
        let family: String
        let hidden: Int
        let steps: Int
        let levels: Int
        let coupling: String
    }

    func validate() throws {
        try OutputFiles.requireEnding("--output", output, ["pt", "pth", TrainingFiles.modelExtension])
        if let hidden { try require((1 ... 65536).contains(hidden), "--hidden is \(hidden), but must be from 1 to 65536") }
        try OutputFiles.requireDistinct([("--output", output), ("--json", engine.json)], inputs: [model])
    }

    func run() throws {
        try engine.requireJSONWritable()
        let path = try ShippedFiles.priorPath(model)
        let export = try GlowExport(model: path, hidden: hidden)
        try export.write(to: output)
        let architecture = try ModelFile(path: path).architecture
        let report = Report(
            input: path, output: output, family: to.rawValue, hidden: export.hidden, steps: architecture.steps[0],
            levels: architecture.levels, coupling: architecture.coupling.rawValue)
        let affine = architecture.coupling == .affine ? "True" : "False"
        let width = export.hidden == 512 ? "" : ", with filter_size \(export.hidden)"
        try engine.deliver(
            EngineReport(report, engine),
            text:
                "\(output): for Glow(\(architecture.imageChannels), \(report.steps), \(report.levels), affine=\(affine)) of \(to.rawValue)\(width)"
        )
    }
}

import ArgumentParser
import Reglow

/// `reglow info`: this machine and the shipped priors, or one model.
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Shows the machine and the shipped priors, or describes a model.")

    @Argument(help: "A model file or the name of a shipped prior.", completion: .models)
    var model: String?

    @Option(help: ArgumentHelp("Image size that the cost of a model is given for.", valueName: "HxW"))
    var size = Problem.ImageSize(height: 64, width: 64)

    @OptionGroup
    var engine: EngineOptions

    struct Machine: Encodable {
        let version: String
        let cpu: String
        let supported: [String]
        let defaultPrior: String
        let priors: [Prior]
    }

    struct Prior: Encodable {
        let name: String
        let path: String
        let card: [String: String]?
        /// Why the file cannot be used.
        let error: String?
    }

    func validate() throws {
        try OutputFiles.requireDistinct([("--json", engine.json)], inputs: [model])
    }

    func run() throws {
        try engine.requireJSONWritable()
        if let model {
            let description = try ModelDescription(ModelFile(path: ShippedFiles.priorPath(model)), size: size)
            try engine.deliver(EngineReport(description, engine), text: description.text)
        } else {
            let machine = Self.machine()
            try engine.deliver(EngineReport(machine, engine), text: try text(machine))
        }
    }

    /// A shipped file that is damaged is listed with what is wrong.
    private static func machine() -> Machine {
        let priors = ShippedFiles.priors().map { name, path in
            do {
                return Prior(name: name, path: path, card: try ModelFile(path: path).card.entries, error: nil)
            } catch {
                return Prior(name: name, path: path, card: nil, error: "\(error)")
            }
        }
        return Machine(
            version: MainCommand.version, cpu: processorName(), supported: InstructionSet.supported.map(\.rawValue),
            defaultPrior: ShippedFiles.defaultPrior, priors: priors)
    }

    private func text(_ machine: Machine) throws -> String {
        var lines = [
            "reglow \(machine.version)",
            "CPU              \(machine.cpu)",
            "instruction set  \(try InstructionSet.selected().rawValue) (of \(machine.supported.joined(separator: ", ")))",
            "threads          \(engine.parallelism.threads)",
            "precision        \(engine.precision.text)",
            machine.priors.isEmpty ? "priors           none is installed" : "priors",
        ]
        for prior in machine.priors {
            lines.append("  \(prior.name)\(prior.name == machine.defaultPrior ? " (default)" : "")")
            lines += (prior.card ?? [:]).sorted { $0.key < $1.key }.filter { $0.key != "name" }.map { key, value in
                "    \(key): \(escaped(value))"
            }
            lines += prior.error.map { ["    cannot be used: \($0)"] } ?? []
        }
        if let named = ShippedFiles.environmentPrior, !machine.priors.contains(where: { $0.name == named }) {
            lines.append("default prior    \(escaped(named)) (\(ShippedFiles.environmentVariable))")
        }
        return lines.joined(separator: "\n")
    }
}

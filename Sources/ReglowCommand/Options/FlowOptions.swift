import ArgumentParser
import Reglow

/// The flow that is trained: a new one of this architecture, or a model to start from.
struct FlowOptions: ParsableArguments {
    /// The architecture of a new flow.
    private static let (levels, stepsPerLevel, hidden) = (4, 16, 128)

    @Option(parsing: .unconditional, help: ArgumentHelp("Levels of the flow. (default: \(Self.levels))", valueName: "count"))
    var levels: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Flow steps of each level; with --from an even number more than the model has, which change nothing at first. \
            (default: \(Self.stepsPerLevel))
            """, valueName: "count"))
    var stepsPerLevel: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Hidden channels of each coupling network. (default: \(Self.hidden))", valueName: "count"))
    var hidden: Int?

    @Option(
        help: """
            What a flow step does to half of its channels; with --from, affine makes an additive model an affine one, which is the same \
            function at first. (default: additive)
            """)
    var coupling: GlowArchitecture.Coupling?

    @Option(
        name: .customLong("from"),
        help: ArgumentHelp("Start from this model instead of a new flow: a shipped name or a file.", valueName: "name-or-path"),
        completion: .models)
    var start: String?

    func validate() throws {
        let given = [("--levels", levels != nil), ("--hidden", hidden != nil)]
        if start != nil, let (name, _) = given.first(where: \.1) {
            throw ValidationError("\(name) and --from exclude each other: a model can be given more steps and affine coupling only")
        }
        if start == nil { _ = try newArchitecture() }
    }

    /// - Throws: `ValidationError` for an architecture that cannot be.
    private func newArchitecture() throws -> GlowArchitecture {
        do {
            return try GlowArchitecture(
                levels: levels ?? Self.levels, steps: stepsPerLevel ?? Self.stepsPerLevel, hidden: hidden ?? Self.hidden,
                coupling: coupling ?? .additive)
        } catch {
            let option = error.key == .steps ? "steps-per-level" : error.key.rawValue
            throw ValidationError("--\(option): \(error.fault)")
        }
    }

    /// - Throws: `ModelFileError` for an `--from` that is no model, `ValidationError` for one of grey images or one that cannot
    ///   have so many steps or this coupling.
    func architecture() throws -> GlowArchitecture {
        guard let start else { return try newArchitecture() }
        let architecture = try model(start).architecture
        guard let stepsPerLevel else { return architecture }
        do {
            return try architecture.deepened(stepsPerLevel: stepsPerLevel)
        } catch let error as TrainingError {
            throw ValidationError("--steps-per-level is \(stepsPerLevel), but \(error) (--from \(start))")
        } catch let error as GlowArchitectureError {
            throw ValidationError("--steps-per-level: \(error.fault)")
        }
    }

    /// - Throws: as `architecture`.
    func trainingStart() throws -> Training.Start {
        guard let start else { return .new(try newArchitecture()) }
        return .model(path: try ShippedFiles.priorPath(start), stepsPerLevel: stepsPerLevel, coupling: coupling)
    }

    /// The model to start from, with the coupling that was asked for.
    private func model(_ start: String) throws -> any GlowParameterSource {
        let file = try ModelFile(path: ShippedFiles.priorPath(start))
        try require(
            file.architecture.imageChannels == 3, "--from \(start) is a model of grey images; training is for colour images")
        try file.architecture.requireTrainable()
        guard let coupling, coupling != file.architecture.coupling else { return file }
        try require(coupling == .affine, "--coupling additive: --from \(start) has affine coupling, which cannot be taken away")
        return try AffineEquivalent(file)
    }
}

extension GlowArchitecture.Coupling: ExpressibleByArgument {}

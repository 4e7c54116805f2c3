import ArgumentParser
import Glibc
import Reglow

/// `reglow`: each subcommand is a file in `Commands`; what several of them share is in `Options`, `Files` and `Reports`.
///
/// Exit codes: 0 done, 1 the work failed, 64 wrong usage. There is one error message, on standard error, that says what and where.
@main
struct MainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reglow",
        abstract: "Restores images with a Glow normalizing flow as the prior.",
        discussion: """
            Deblurring, super-resolution, inpainting, denoising and compressive sensing, on the CPU.

              reglow degrade face.png --problem deblur --output blurred.npy
              reglow restore blurred.npy --problem deblur --output restored.png

            REGLOW_ISA=portable|avx2|avx512|avx512bf16 in the environment overrides the choice of the instruction set;
            REGLOW_PRIOR names the prior that is taken where none is named.
            Exit codes: 0 done, 1 the work failed, 64 wrong usage, 130 and 143 interrupted (SIGINT, SIGTERM).
            """,
        version: version,
        subcommands: [
            DegradeCommand.self, RestoreCommand.self, BatchCommand.self, EvaluateCommand.self, VerifyCommand.self, InfoCommand.self,
            BenchCommand.self, TableCommand.self, SampleCommand.self, DemoCommand.self, TrainCommand.self,
            LikelihoodCommand.self, ConvertCommand.self, ImportCommand.self, ExportCommand.self,
        ])

    static let version = reglowVersion

    /// Runs the command that the arguments name; file names in them may be of any bytes (`PathName`).
    static func main() {
        BLASThreads.end()
        let given = commandArguments()
        let isQuiet = given.contains("--quiet") || given.contains("-q")
        let arguments = FormerSpellings.translated(given) { former, current in
            if !isQuiet { StandardError.write("reglow: note: \(former) is now \(current)\n") }
        }
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch {
            let message = fullMessage(for: error)
            let shown = UsageHint.added(
                to: PathName.shown(inText: message), firstArgument: arguments.first,
                subcommands: configuration.subcommands.map { $0.configuration.commandName ?? "" })
            // Usage and help are the parser's to print.
            if shown == message { exit(withError: error) }
            StandardError.write(shown + "\n")
            Glibc.exit(exitCode(for: error).rawValue)
        }
    }
}

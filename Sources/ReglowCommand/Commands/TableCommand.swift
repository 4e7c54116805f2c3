import ArgumentParser
import Reglow

/// `reglow table`: the paper's table on the user's images.
struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract: "Makes the paper's table: five problems, our solver and both of the paper's methods, PSNR and SSIM.",
        discussion: """
            Deblurring (uniform 5x5, periodic), super-resolution by 2 and 4, inpainting with 60 % of the pixels missing and with a \
            hole of 20x20. Image i is measured with the seed plus i. The column "degraded" is the PSNR of the start: what is \
            observed, spread back. PSNR and SSIM are those of images clipped to [0, 1]; standard deviations have the divisor n.
            """)

    @Argument(help: "Images, or folders of them.", completion: .pictures)
    var images: [String]

    @OptionGroup(title: "Problems")
    var problems: PaperProblemOptions

    @OptionGroup(title: "Files")
    var files: Files

    @OptionGroup(title: "Files")
    var reportOption: ReportOption

    @OptionGroup(title: "Noise")
    var noise: NoiseOptions

    @OptionGroup(title: "Prior")
    var prior: PriorOption

    @OptionGroup(title: "Solver")
    var solver: SolverArguments

    @OptionGroup(title: "Engine")
    var engine: EngineOptions

    struct Files: ParsableArguments {
        @Option(
            name: .shortAndLong, help: ArgumentHelp("Write table.txt, table.json and table.csv into this folder.", valueName: "folder"),
            completion: .directory)
        var output: String?

        @Option(
            help: ArgumentHelp(
                "Write the measurements as PROBLEM/NAME.npy, and masks as PROBLEM/NAME.mask.png, into this folder.",
                valueName: "folder"), completion: .directory)
        var measurementsOutput: String?
    }

    func validate() throws {
        let names = Dictionary(grouping: try paths(), by: baseName)
        if files.measurementsOutput != nil, let clash = names.values.filter({ $0.count > 1 }).min(by: { $0[0] < $1[0] }) {
            throw ValidationError("--measurements-output: \(clash[0]) and \(clash[1]) have the same base name")
        }
        try OutputFiles.requireDistinct([("--json", engine.json)], inputs: try paths())
    }

    func run() throws {
        try engine.requireJSONWritable()
        try reportOption.requireRoom()
        let restorer = try prior.restorer(engine)
        let notes = engine.makeNotes()
        let truths = try paths().map { try TruthImage(path: $0, prior: restorer.prior, notes: notes) }
        let setting = PaperTrial.Setting(restorer: restorer, solver: solver, noise: noise, engine: engine, notes: notes)
        let trials = try problems.chosen().map { try PaperTrial($0, truths, setting) }
        if let output = files.output {
            try Folder.create(output)
            for name in Self.names { try AtomicFile.requireWritable(Folder.joined(output, name)) }
        }
        if let measurementsOutput = files.measurementsOutput { try write(trials, into: measurementsOutput) }

        var page = PaperTablePage()
        let rows = try trials.flatMap { trial in
            let degraded = PaperTable.Statistic(try trial.degradedQuality(setting).map(\.psnr))
            let outcomes = try solver.approaches.map { (method: $0, all: try trial.run($0, setting)) }
            if reportOption.folder != nil { try page.add(trial, outcomes.map { ($0.method, $0.all[0]) }) }
            return outcomes.map {
                PaperTable.Row(trial, $0.method, solver: solver.algorithm($0.method), degraded: degraded, outcomes: $0.all)
            }
        }
        let table = PaperTable(rows, truths, prior: prior, setting)
        let report = try EngineReport(table, engine, notes)
        if let output = files.output {
            let contents = [table.text + "\n", try JSONText.encode(report) + "\n", table.csv]
            for (name, text) in zip(Self.names, contents) { try AtomicFile.write(text, to: Folder.joined(output, name)) }
        }
        if let folder = reportOption.folder {
            try page.page(table, notes, threads: engine.parallelism.threads).write(into: folder)
            reportOption.tell(notes)
        }
        try engine.deliver(report, text: table.text)
    }

    private static let names = ["table.txt", "table.json", "table.csv"]

    private func paths() throws -> [String] {
        try images.flatMap { Folder.exists($0) ? try Folder.images(in: $0) : [$0] }
    }

    private func write(_ trials: [PaperTrial], into folder: String) throws {
        for trial in trials {
            let folder = Folder.joined(folder, trial.problem.name)
            try Folder.create(folder)
            for (truth, measurement) in zip(trial.truths, trial.measurements) {
                let stem = Folder.joined(folder, baseName(of: truth.path))
                try ImageFile.write(measurement.image, to: stem + ".npy")
                if let mask = try measurement.mask { try ImageFile.write(mask, to: stem + ".mask.png") }
            }
        }
    }
}

extension PaperTable {
    init(_ rows: [Row], _ truths: [TruthImage], prior: PriorOption, _ setting: PaperTrial.Setting) {
        self.init(
            rows: rows, images: truths.map(\.path), prior: prior.name, noise: setting.noise.noise, seed: setting.noise.seed,
            maxEvaluations: setting.solver.maxEvaluations, selfEnsemble: setting.solver.views > 1,
            precision: setting.engine.precision)
    }
}

extension PaperTable.Row {
    init(
        _ trial: PaperTrial, _ method: Approach, solver: SolverArguments.Algorithm, degraded: PaperTable.Statistic,
        outcomes: [PaperTrial.Outcome]
    ) {
        self.init(
            problem: trial.problem.name, method: method, solver: solver, degradedPsnr: degraded,
            psnr: PaperTable.Statistic(outcomes.map(\.quality.psnr)),
            ssim: PaperTable.Statistic(outcomes.map(\.quality.ssim)),
            results: zip(trial.truths, outcomes).map { truth, outcome in
                RestoreReport.Result(input: truth.path, output: nil, restored: outcome.restored, quality: outcome.quality)
            })
    }
}

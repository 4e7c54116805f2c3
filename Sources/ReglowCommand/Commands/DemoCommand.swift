import ArgumentParser
import Reglow

/// `reglow demo`: the README's example.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Degrades an image in five ways, restores it, and draws the result.",
        discussion: "Writes demo.png, one labelled picture, and the single images into the output folder.")

    @Argument(
        help: "The image. (default: a portrait of Eileen Collins, NASA; for --prior photos more of it than her face)", completion: .pictures
    )
    var image: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder for the pictures.", valueName: "folder"), completion: .directory)
    var output = "demo"

    @OptionGroup(title: "Files")
    var reportOption: ReportOption

    @OptionGroup(title: "Problems")
    var problems: PaperProblemOptions

    @OptionGroup(title: "Noise")
    var noise: NoiseOptions

    @OptionGroup(title: "Prior")
    var prior: PriorOption

    @OptionGroup(title: "Solver")
    var solver: SolverArguments

    @OptionGroup(title: "Engine")
    var engine: EngineOptions

    func validate() throws {
        try OutputFiles.requireDistinct([("--json", engine.json)], inputs: [image])
    }

    func run() throws {
        try engine.requireJSONWritable()
        try reportOption.requireRoom()
        let restorer = try prior.restorer(engine)
        let path = try image ?? ShippedFiles.exampleImagePath(prior: prior.name)
        let notes = engine.makeNotes()
        let truth = try TruthImage(path: path, prior: restorer.prior, notes: notes)
        let setting = PaperTrial.Setting(restorer: restorer, solver: solver, noise: noise, engine: engine, notes: notes)
        let trials = try problems.chosen().map { try PaperTrial($0, [truth], setting) }
        try Folder.create(output)
        try ImageFile.write(truth.image, to: file("truth"))

        var page = PaperTablePage()
        var rows: [PaperTable.Row] = []
        var cells: [[LabelledGrid.Cell]] = []
        for trial in trials {
            let degraded = try trial.degradedQuality(setting)
            let measured = trial.measurements[0].image
            try ImageFile.write(measured, to: file(trial.problem.name + "-degraded"))
            var line = [LabelledGrid.Cell(truth.image), LabelledGrid.Cell(measured, caption: Self.caption(degraded[0]))]
            var shown: [(method: Approach, outcome: PaperTrial.Outcome)] = []
            for method in solver.approaches {
                let outcome = try trial.run(method, setting)
                try ImageFile.write(outcome[0].image, to: file(trial.problem.name + "-" + method.rawValue))
                shown.append((method, outcome[0]))
                line.append(LabelledGrid.Cell(outcome[0].image, caption: Self.caption(outcome[0].quality)))
                rows.append(
                    PaperTable.Row(
                        trial, method, solver: solver.algorithm(method), degraded: PaperTable.Statistic(degraded.map(\.psnr)),
                        outcomes: outcome))
            }
            cells.append(line)
            if reportOption.folder != nil { try page.add(trial, shown) }
        }
        let grid = LabelledGrid(
            columnLabels: ["truth", "degraded"] + solver.approaches.map(\.rawValue), rowLabels: trials.map(\.problem.label),
            cells: cells, scale: max(1, (Self.leastWidth - 1) / truth.image.shape.width + 1))
        try ImageFile.write(try grid.rendered(), to: file("demo"))

        let table = PaperTable(rows, [truth], prior: prior, setting)
        var place = "The picture is \(file("demo")), the single images are beside it."
        if let folder = reportOption.folder {
            try page.page(table, notes, threads: engine.parallelism.threads).write(into: folder)
            place += " The page is \(Folder.joined(folder, RestorationReport.fileName))."
        }
        try engine.deliver(EngineReport(table, engine, notes), text: table.text + "\n\n" + place)
    }

    /// The least width of an image in the picture, in pixels: small ones are enlarged.
    private static let leastWidth = 192

    private func file(_ name: String) -> String { Folder.joined(output, name + ".png") }

    private static func caption(_ quality: Quality) -> String {
        "\(Quality.decibel(quality.psnr.value)) dB, SSIM \(Quality.text(quality.ssim.value, decimals: 3))"
    }
}

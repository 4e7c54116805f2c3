import Plots
import Reglow
import ReportPages
import TrainingReports

/// The paper's table as a page: beside the paper's figures, image by image, and with pictures of the first image.
struct PaperTablePage {
    private var sections: [ReportPage.Section] = []
    private var pixels = 0

    /// Adds the pictures of the first image of a problem, as all methods restored it.
    mutating func add(_ trial: PaperTrial, _ outcomes: [(method: Approach, outcome: PaperTrial.Outcome)]) throws {
        guard let truth = trial.truths.first, let measured = trial.measurements.first?.image, let first = outcomes.first?.outcome else {
            return
        }
        let name = PathName.shown(fileName(of: truth.path))
        pixels += (outcomes.count + 3) * PagePicture.pixels(of: first.image.shape)
        guard pixels <= RestorationReport.mostPixels || sections.isEmpty else { return }
        var pictures = [try PagePicture(measured, caption: "measured", description: "\(name), degraded by \(trial.problem.name)")]
        for (method, outcome) in outcomes {
            pictures.append(
                try PagePicture(
                    outcome.image, caption: "\(method.rawValue): \(Quality.decibel(outcome.quality.psnr.value)) dB",
                    description: "\(name), restored by \(method.rawValue)"))
        }
        let part = try trial.part(0)
        pictures.append(try PagePicture(part, caption: "truth", description: "\(name) as it is"))
        let error = try PageMap.difference(first.image, part.clipped())
        pictures.append(
            try PagePicture(
                map: error, height: part.shape.height, width: part.shape.width, caption: "error of \(outcomes[0].method.rawValue)",
                description: "How far \(name), restored by \(outcomes[0].method.rawValue), is from the truth at each pixel"))
        let trust = outcomes.map {
            RestorationReport.Picture.line($0.outcome.restored.trust, of: outcomes.count > 1 ? $0.method.rawValue : nil)
        }
        let traces = outcomes.map { ($0.method.rawValue, $0.outcome.restored.trace) }
        sections.append(
            ReportPage.Section(
                trial.problem.label.replacing("\n", with: ", "),
                trust + [PictureComparison(pictures, of: name, left: 0, right: 1).markup]
                    + RestorationReport.Picture.convergence(ofMethods: traces)))
    }

    func page(_ table: PaperTable, _ notes: Notes, threads: Int) -> ReportPage {
        let parameters: [(name: String, value: String)] = [
            ("images", "\(table.images.count)"), ("prior", table.prior), ("noise", "\(table.noise)"), ("seed", "\(table.seed)"),
            ("evaluations, at most", "\(table.maxEvaluations)"), ("self-ensemble", table.selfEnsemble ? "yes" : "no"),
            ("precision", table.precision.text),
        ]
        let tables = [
            ReportPage.Section("Beside the paper", [Self.comparison(table)]),
            ReportPage.Section("Image by image", [Self.images(table)]),
        ]
        let end = MakingSection.section(
            command: ReportOption.command, parameters: parameters, notes: notes.all.map { "\($0.about): \($0.text)" }, threads: threads)
        return ReportPage(
            "The paper's table on \(table.images.count) \(table.images.count == 1 ? "image" : "images")",
            sections: tables + sections + [end])
    }

    private static func comparison(_ table: PaperTable) -> Markup {
        let count = table.images.count
        let rows = table.rows.map { row -> [Markup] in
            let paper = PaperFigures(PaperProblem.Name(rawValue: row.problem))
            let difference = paper.flatMap { paper in row.psnr.mean.value.map { $0 - paper.psnr } }
            var texts = [row.problem, row.method.rawValue, row.degradedPsnr.text(decimals: 2, images: count)]
            texts += [row.psnr.text(decimals: 2, images: count), row.ssim.text(decimals: 4, images: count)]
            if let paper {
                texts += ["\(paper.psnr.fixed(2)) (\(paper.method.rawValue))", paper.ssim.fixed(2)]
                texts.append(difference.map { ($0 < 0 ? "\u{2212}" : "+") + abs($0).fixed(2) } ?? "")
            } else {
                texts += ["", "", ""]
            }
            return texts.map { Markup.text($0) }
        }
        let caption =
            "PSNR in dB and SSIM, mean and standard deviation over the images. The paper's are the better of its two, on its own images; it does not tell "
            + "the width of its blur, its hole and its noise."
        return PageParts.table(
            caption,
            columns: ["problem", "method", "degraded PSNR", "PSNR", "SSIM", "paper's PSNR", "paper's SSIM", "PSNR less the paper's"],
            rows: rows)
    }

    /// Rows that are shown, at most.
    private static let mostRows = 2000

    private static func images(_ table: PaperTable) -> Markup {
        let rows = table.rows.flatMap { row in
            row.results.map { result -> [Markup] in
                var texts = [row.problem, row.method.rawValue, PathName.shown(fileName(of: result.input))]
                if let solution = result.solution {
                    texts.append(Quality.decibel(solution.psnr?.value))
                    texts.append(Quality.similarity(solution.ssim?.value))
                    texts += ["\(solution.evaluations)", solution.seconds.fixed(1), solution.stop, solution.trust.verdict.rawValue]
                }
                return texts.map { Markup.text($0) }
            }
        }
        let caption = rows.count > mostRows ? "The first \(mostRows) of \(rows.count) solves." : "All solves."
        return PageParts.table(
            caption, columns: ["problem", "method", "image", "PSNR", "SSIM", "evaluations", "seconds", "stop", "trust"],
            rows: Array(rows.prefix(mostRows)),
            words: [2])
    }
}

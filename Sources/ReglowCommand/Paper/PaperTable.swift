import Reglow
import TrainingReports

/// The paper's table: five problems, both methods, PSNR and SSIM over the images.
struct PaperTable: Encodable {
    let rows: [Row]
    let images: [String]
    let prior: String
    let noise: Double
    let seed: UInt64
    let maxEvaluations: Int
    let selfEnsemble: Bool
    let precision: PrecisionChoice

    /// One problem by one method.
    struct Row: Encodable {
        let problem: String
        let method: Approach
        let solver: SolverArguments.Algorithm
        /// The PSNR of the images before restoration.
        let degradedPsnr: Statistic
        let psnr: Statistic
        let ssim: Statistic
        let results: [RestoreReport.Result]
    }

    /// Mean and standard deviation over the images, the latter with the divisor n.
    struct Statistic: Encodable {
        let mean: JSONNumber
        let deviation: JSONNumber

        init(_ numbers: [JSONNumber]) {
            let values = numbers.map { $0.value ?? .nan }
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            self.mean = JSONNumber(mean)
            deviation = JSONNumber(variance.squareRoot())
        }

        /// `28.91 +- 1.20`, without the deviation when there is one image.
        func text(decimals: Int, images: Int) -> String {
            guard let mean = mean.value, let deviation = deviation.value, mean.isFinite else { return "-" }
            let meanText = mean.fixed(decimals)
            return images == 1 ? meanText : meanText + " ± \(deviation.fixed(decimals))"
        }
    }

    var text: String {
        let count = images.count
        let wide = count == 1 ? 9 : 16
        var methods: [Approach] = []
        for row in rows where !methods.contains(row.method) { methods.append(row.method) }
        let head = Columns.line(
            [("", -16), ("degraded", wide)] + methods.flatMap { [($0.rawValue, wide), ("", wide)] })
        let names = Columns.line([("problem", -16), ("PSNR", wide)] + methods.flatMap { _ in [("PSNR", wide), ("SSIM", wide)] })
        var problems: [String] = []
        for row in rows where !problems.contains(row.problem) { problems.append(row.problem) }
        let lines = problems.map { problem in
            let rows = rows.filter { $0.problem == problem }
            let degraded = rows.first?.degradedPsnr.text(decimals: 2, images: count) ?? ""
            return Columns.line(
                [(problem, -16), (degraded, wide)]
                    + rows.flatMap {
                        [($0.psnr.text(decimals: 2, images: count), wide), ($0.ssim.text(decimals: 4, images: count), wide)]
                    })
        }
        let spread = count == 1 ? "" : ": mean ± standard deviation"
        let foot =
            "\(count) \(count == 1 ? "image" : "images")\(spread); noise \(noise), prior \(prior), "
            + "\(solvers), at most \(maxEvaluations) evaluations\(selfEnsemble ? " a solve, self-ensemble" : ""), "
            + "precision \(precision.text)"
        return ([head, names] + lines + [foot]).joined(separator: "\n")
    }

    /// Which algorithm stands behind each column: `auto; analysis, synthesis by lbfgs`.
    private var solvers: String {
        var parts: [(solver: SolverArguments.Algorithm, methods: [String])] = []
        for row in rows {
            let index = parts.firstIndex { $0.solver == row.solver } ?? parts.endIndex
            if index == parts.endIndex { parts.append((row.solver, [])) }
            if !parts[index].methods.contains(row.method.rawValue) { parts[index].methods.append(row.method.rawValue) }
        }
        return parts.map { part in
            part.solver == .auto ? part.solver.rawValue : "\(part.methods.joined(separator: ", ")) by \(part.solver.rawValue)"
        }.joined(separator: "; ")
    }

    var csv: String {
        let names = "problem,method,images,degraded_psnr_mean,degraded_psnr_std,psnr_mean,psnr_std,ssim_mean,ssim_std"
        let lines = rows.map { row in
            let numbers = [row.degradedPsnr, row.psnr, row.ssim].flatMap { [$0.mean, $0.deviation] }.map { number in
                number.value.flatMap { $0.isFinite ? "\($0)" : nil } ?? ""
            }
            return ([row.problem, row.method.rawValue, "\(images.count)"] + numbers).joined(separator: ",")
        }
        return ([names] + lines).joined(separator: "\n") + "\n"
    }
}

import TrainingReports

extension RestorationReport.Picture.Numbers {
    init(_ solution: SolutionReport) {
        self.init()
        (psnr, ssim, hasQuality) = (solution.psnr?.value, solution.ssim?.value, solution.psnr != nil)
        (evaluations, seconds, stop) = (solution.evaluations, solution.seconds, solution.stop)
        facts = solution.facts
    }
}

extension SolutionReport {
    /// The numbers of a solve as a page has them.
    fileprivate var facts: [(name: String, value: String)] {
        var facts: [(name: String, value: String)] = [("lambda", regularizationWeight.general(4))]
        func add(_ name: String, _ value: String?) { if let value { facts.append((name, value)) } }
        func number(_ value: JSONNumber?) -> String? { value?.value.map { $0.general(5) } }
        add("sigma", number(noise))
        add("noise estimate", noiseEstimate.map { "\($0.deviation.general(3)), \($0.verdict)" })
        add("objective", number(objective))
        add("misfit", number(dataFidelity))
        add("prior", number(prior))
        add("windows", windows.map(String.init))
        add("evaluations", "\(evaluations)")
        add("gradients in bf16", bf16Gradients.map(String.init))
        add("seconds", seconds.fixed(2))
        add("stopped by", stop)
        add("diagnosis", diagnosis)
        add("lambdas tried", regularizationPath.map { $0.map { $0.regularizationWeight.general(3) }.joined(separator: ", ") })
        if let posterior {
            add("draws", "\(posterior.samples) of \(posterior.chains) chains, after \(posterior.burnIn) of each that do not count")
            add("R-hat (1 is expected, at most 1.1)", number(posterior.rHat))
            add("effective samples", number(posterior.effectiveSamples))
            add("deviation", posterior.deviation.general(3))
            add("PSNR of the mode", posterior.modePsnr.map { Quality.decibel($0.value) })
            add("part of the truth between the quantiles", number(posterior.coverage))
            add("what it should be", number(posterior.nominalCoverage))
        }
        guard let statistics = trust.statistics else { return facts }
        add("surprise (1 is expected)", statistics.surprise.map { $0.general(3) })
        add("misfit over sigma squared", statistics.misfit.general(3))
        add("whiteness of the residual (1 is white)", statistics.whiteness.map { $0.general(3) })
        add("energy of the latent, finest level first", statistics.levels.map { $0.energy.general(3) }.joined(separator: ", "))
        add("kurtosis of the latent", statistics.levels.map { $0.kurtosis.general(3) }.joined(separator: ", "))
        add("correlation of neighbours in the latent", statistics.levels.map { $0.autocorrelation.fixed(3) }.joined(separator: ", "))
        add("error of the way back", statistics.roundTripError.map { $0.general(2) })
        add("likelier upright than upside down, in nats", statistics.uprightness.map { $0.general(3) })
        add(
            "better with another point spread, in nats",
            statistics.pointSpreadGain.map { gain in
                gain.general(3) + (statistics.pointSpreadWidth.map { ", of \($0.general(2)) times the width" } ?? "")
            })
        return facts
    }
}

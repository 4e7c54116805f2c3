import Files
import Imaging
import InverseSolvers
import Plots
import ReportPages
import TrainingReports

extension RestorationReport {
    /// An image of a report: what is not known is nil, or empty, and not shown.
    public struct Picture: Sendable {
        /// What it is called, such as the path of its file.
        public var name: String
        /// The measurement, where it is an image.
        public var measured: Image?
        /// The restored image.
        public var restored: Image?
        /// The truth, of the shape of the restored image.
        public var truth: Image?
        /// The standard deviation of each number of the restored image, of its shape, on the [0, 1] scale.
        public var deviation: Image?
        /// Quantiles of what the image may be, of its shape, each with its level between 0 and 1.
        public var quantiles: [(level: Double, image: Image)] = []
        /// Samples of what the image may be, of its shape.
        public var samples: [Image] = []
        /// The iterates of the solve.
        public var trace: Trace?
        /// The PSNR of the iterates of `trace`, in their order.
        public var iterateQuality: [Double] = []
        /// Why there is no restored image.
        public var failure: String?
        /// Whether it can be trusted: the verdict, and the reasons why not.
        package var trust: (verdict: Trust.Verdict, reasons: [String])?
        package var numbers: Numbers?

        /// What is known of how it was restored.
        package struct Numbers: Sendable {
            package var (psnr, ssim): (Double?, Double?)
            /// Whether there was a truth to compare with.
            package var hasQuality = false
            package var evaluations: Int?
            package var seconds: Double?
            package var stop: String?
            /// All of them, and others, by name.
            package var facts: [(name: String, value: String)] = []

            package init() {}
        }

        /// Samples and quantiles that are shown, at most, of each.
        private static let mostSamples = 16

        /// An image of which only the name is known.
        public init(_ name: String) { self.name = name }

        /// A restored image, with its trace.
        public init(_ name: String, measurement: ImageMeasurement, restored: RestoredImage, truth: Image? = nil) throws {
            self.init(name)
            measured = measurement.isImage ? try Image(shape: measurement.shape, pixels: measurement.values) : nil
            self.restored = restored.image
            self.truth = truth
            trace = restored.trace
            failure = restored.diverged.map { "diverged: \($0.diagnosis ?? "")" }
            var solution = SolutionReport(restored)
            solution.setQuality(try truth.map { try Quality(of: try restored.image.clipped(), truth: $0) })
            numbers = Numbers(solution)
            trust = (solution.trust.verdict, solution.trust.reasons)
        }

        /// An image that is the mean of draws from its posterior: with their deviation, quantiles, and some of the draws.
        public init(_ name: String, measurement: ImageMeasurement, posterior: PosteriorEstimate, truth: Image? = nil) throws {
            try self.init(name, measurement: measurement, restored: posterior.mode)
            restored = posterior.mean
            self.truth = truth
            var solution = SolutionReport(posterior.mode)
            let mode = try truth.map { try Quality(of: try posterior.mode.image.clipped(), truth: $0) }
            solution.setPosterior(posterior, mode: mode, truth: truth)
            solution.setQuality(try truth.map { try Quality(of: try posterior.mean.clipped(), truth: $0) })
            numbers = Numbers(solution)
            trust = (solution.trust.verdict, solution.trust.reasons)
            show(posterior)
        }

        /// Takes what draws from the posterior show beside their mean: some of the draws, from all chains.
        package mutating func show(_ posterior: PosteriorEstimate) {
            guard posterior.deviation.shape == restored?.shape else { return }
            deviation = posterior.deviation
            quantiles = posterior.quantiles.map { ($0.level, $0.image) }
            let count = min(Self.shownDraws, posterior.samples.count)
            samples = (0 ..< count).map { posterior.samples[(2 * $0 + 1) * posterior.samples.count / (2 * count)] }
        }

        /// Draws that stand for all.
        private static let shownDraws = 8

        /// An image of a file, with its solution.
        package init(_ name: String, _ file: MeasurementFile, restored: Image, _ solution: SolutionReport) {
            self.init(name)
            let measurement = file.measurement
            measured = measurement.isImage ? try? Image(shape: measurement.shape, pixels: measurement.values) : nil
            self.restored = restored
            truth = file.truth
            numbers = Numbers(solution)
            trust = (solution.trust.verdict, solution.trust.reasons)
        }

        /// What its pictures take of a page.
        var pixels: Int {
            let shown =
                [measured, restored, truth, deviation, restored] + samples.prefix(Self.mostSamples).map(Optional.some)
                + quantiles.prefix(Self.mostSamples).map { $0.image }
            return shown.compactMap { $0 }.reduce(0) { $0 + PagePicture.pixels(of: $1.shape) }
        }

        /// Its line in the table of all images.
        var row: [Markup] {
            let verdict: Markup
            if let failure {
                verdict = .element("span", ["class": "verdict unusable"], "failed: " + PathName.shown(failure))
            } else {
                verdict = trust.map { .element("span", ["class": "verdict \($0.verdict.rawValue)"], $0.verdict.rawValue) } ?? .group([])
            }
            var texts: [String] = []
            texts.append(numbers?.psnr.map { Quality.decibel($0) } ?? "")
            texts.append(numbers?.ssim.map { Quality.similarity($0) } ?? "")
            texts.append(numbers?.evaluations.map { "\($0)" } ?? "")
            texts.append(numbers?.seconds.map { $0.fixed(1) } ?? "")
            texts.append(numbers?.stop ?? "")
            return [.text(PathName.shown(name)), verdict] + texts.map { Markup.text($0) }
        }

        /// Its part of the page.
        func parts() throws -> [Markup] {
            var parts: [Markup] = []
            if let failure {
                parts.append(
                    .element("p", ["class": "verdict unusable"], "Failed: \(PathName.shown(failure))"))
            }
            if failure == nil, let trust { parts.append(Self.line(trust.verdict, trust.reasons)) }
            if let numbers, numbers.hasQuality {
                let quality = "PSNR \(Quality.decibel(numbers.psnr)) dB, SSIM \(Quality.similarity(numbers.ssim)) against the truth."
                parts.append(.element("p", [:], quality))
            }
            let pictures = try self.pictures()
            if !pictures.isEmpty {
                // The slider compares the measurement, or else the truth, with the restored image.
                parts.append(PictureComparison(pictures, of: PathName.shown(name), left: 0, right: measured == nil ? 0 : 1).markup)
            }
            if !quantiles.isEmpty {
                parts += try filmStrip(
                    "Quantiles",
                    quantiles.map { level, image in
                        let percent = (100 * level).general(4)
                        return (image, "quantile \(percent) %", "The values below which each pixel lies with a probability of \(percent) %")
                    })
            }
            if !samples.isEmpty {
                parts += try filmStrip(
                    "Samples", samples.enumerated().map { ($1, "sample \($0 + 1)", "Sample \($0 + 1) of what the image may be") })
            }
            if let trace { parts += convergence(trace) }
            if let facts = numbers?.facts, !facts.isEmpty {
                parts.append(PageParts.details("Numbers of this solve", [PageParts.facts(facts)]))
            }
            return parts
        }

        /// The verdict on an image that a method restored.
        package static func line(_ trust: Trust, of method: String?) -> Markup { line(trust.verdict, trust.reasons, of: method) }

        /// The objectives of several methods over seconds and evaluations.
        package static func convergence(ofMethods methods: [(name: String, trace: Trace)]) -> [Markup] {
            let axes: [(name: String, x: (Trace.Entry) -> Double)] = [
                ("seconds", { $0.seconds }), ("evaluations", { Double($0.evaluation) }),
            ]
            let charts = axes.map { axis in
                var chart = LineChart(
                    x: axis.name, y: "objective",
                    methods.map { method in
                        LineChart.Series(method.name, method.trace.entries.map { (axis.x($0), $0.objective) })
                    })
                chart.asksForLogarithm = true
                return chart
            }
            return [.element("h3", [:], "Convergence"), PageParts.charts(charts)]
        }

        /// The verdict with its reasons.
        private static func line(_ verdict: Trust.Verdict, _ reasons: [String], of method: String? = nil) -> Markup {
            let words = reasons.isEmpty ? ", nothing speaks against this image." : ": \(reasons.joined(separator: "; "))."
            return .element(
                "p", [:],
                [
                    .element(
                        "span", ["class": "verdict \(verdict.rawValue)"], "Trust\(method.map { " in \($0)" } ?? ""): \(verdict.rawValue)"),
                    .text(words),
                ])
        }

        /// Measured, restored and true image, and the maps.
        private func pictures() throws -> [PagePicture] {
            let shown = PathName.shown(name)
            var pictures: [PagePicture] = []
            if let measured {
                pictures.append(try PagePicture(measured, caption: "measured", description: "The measurement \(shown)"))
            }
            if let restored {
                pictures.append(try PagePicture(restored, caption: "restored", description: "The image restored from \(shown)"))
            }
            if let truth { pictures.append(try PagePicture(truth, caption: "truth", description: "The true image of \(shown)")) }
            if let restored, let truth {
                let error = try PageMap.difference(restored.clipped(), truth.clipped())
                pictures.append(
                    try Self.map(error, truth, "error", "How far the image restored from \(shown) is from the truth at each pixel"))
            } else if let restored, let measured, measured.shape == restored.shape {
                let change = try PageMap.difference(restored.clipped(), measured.clipped())
                pictures.append(
                    try Self.map(
                        change, restored, "change", "How far the image restored from \(shown) is from the measurement at each pixel"))
            }
            if let deviation {
                try requireShape(deviation)
                pictures.append(
                    try Self.map(
                        PageMap.magnitude(deviation), deviation, "standard deviation",
                        "How uncertain the image restored from \(shown) is at each pixel"))
            }
            return pictures
        }

        private static func map(_ values: [Float], _ image: Image, _ caption: String, _ description: String) throws -> PagePicture {
            try PagePicture(map: values, height: image.shape.height, width: image.shape.width, caption: caption, description: description)
        }

        private func filmStrip(_ title: String, _ images: [(image: Image, caption: String, description: String)]) throws -> [Markup] {
            let shown = PathName.shown(name)
            let pictures = try images.prefix(Self.mostSamples).map { image, caption, description in
                try requireShape(image)
                return try PagePicture(image, caption: caption, description: "\(description), of \(shown)")
            }
            return [.element("h3", [:], title), PageParts.filmStrip(pictures, label: "\(title) of \(shown)")]
        }

        private func requireShape(_ image: Image) throws {
            if let restored, image.shape != restored.shape { throw ImageError.wrongCount(restored.shape, count: image.pixels.count) }
        }

        /// Objective and PSNR over seconds and evaluations.
        private func convergence(_ trace: Trace) -> [Markup] {
            let entries = trace.entries
            func curve(_ name: String, _ x: (Trace.Entry) -> Double, _ y: (Trace.Entry) -> Double) -> LineChart.Series {
                LineChart.Series(name, entries.map { (x($0), y($0)) })
            }
            let axes: [(name: String, x: (Trace.Entry) -> Double)] = [
                ("seconds", { $0.seconds }), ("evaluations", { Double($0.evaluation) }),
            ]
            var charts = axes.map { axis in
                var chart = LineChart(
                    x: axis.name, y: "objective",
                    [
                        curve("objective", axis.x) { $0.objective }, curve("misfit", axis.x) { $0.dataFidelity },
                        curve("prior", axis.x) { $0.prior },
                    ])
                chart.asksForLogarithm = true
                return chart
            }
            if !iterateQuality.isEmpty {
                charts += axes.map { axis in
                    LineChart(
                        x: axis.name, y: "PSNR in dB",
                        [LineChart.Series("PSNR", zip(entries, iterateQuality).map { (axis.x($0), $1) })])
                }
            }
            return [.element("h3", [:], "Convergence"), PageParts.charts(charts)]
        }
    }
}

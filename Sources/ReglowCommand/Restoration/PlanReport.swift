import Reglow
import TrainingReports

/// What a call knows of its work before it: told on standard error, and in the report.
struct PlanReport: Encodable {
    /// The pixels of all restored images that were planned.
    private(set) var pixels = 0
    /// The most that the process takes for one of them.
    private(set) var memoryBytes = 0
    /// What it may take; nil where there is no limit.
    private(set) var memoryLimitBytes: Int?
    private(set) var secondsEstimate = 0.0
    /// The windows of all images that are solved in windows; 0 where each is solved whole.
    private(set) var windows = 0
    /// Height and width of the largest window.
    private(set) var windowSize: [Int]?

    mutating func add(_ plan: RestorationPlan, images: Int, limit: Int?, probe: SpeedProbe?) {
        pixels += images * plan.size.pixels
        memoryBytes = max(memoryBytes, plan.memoryBytes)
        memoryLimitBytes = limit
        secondsEstimate += probe?.seconds(pixels: images * plan.solvedPixels) ?? 0
        if let grid = plan.windows {
            windows += images * grid.count
            if grid.size.pixels > (windowSize ?? [0, 0]).reduce(1, *) { windowSize = [grid.size.height, grid.size.width] }
        }
    }

    /// One line about one image.
    static func text(_ plan: RestorationPlan, limit: Int?, probe: SpeedProbe?) -> String {
        let pixels = plan.size.pixels < 100_000 ? "\(plan.size.pixels) pixels" : "\((Double(plan.size.pixels) * 1e-6).fixed(1)) megapixels"
        let windows = plan.windows.map { " in \($0.count) windows of up to \($0.size)" } ?? ""
        let memory = "memory \(MemoryShortage.text(plan.memoryBytes))" + (limit.map { " of \(MemoryShortage.text($0))" } ?? "")
        let time = probe.map { ", about \($0.seconds(pixels: plan.solvedPixels).asDuration)" } ?? ""
        return "\(pixels)\(windows), \(memory)\(time)"
    }
}

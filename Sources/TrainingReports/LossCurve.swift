import Plots

/// Bits per dimension over the steps of a training: training batches and validation images.
///
/// The first values may be far above the rest: the scale leaves out what is more than `highestPart` times as far above the lowest
/// value as the median.
package struct LossCurve {
    /// The picture.
    package let chart: LineChart

    private static let highestPart = 6.0

    package init(_ records: [TrainingRecord], title: String) {
        var chart = LineChart(
            title: title, x: "steps", y: "bits per dimension",
            [
                LineChart.Series(
                    "training", records.compactMap { record in record.bitsPerDimension.map { (Double(record.step), $0) } }, width: 1.5),
                LineChart.Series(
                    "validation", records.compactMap { record in record.validationBitsPerDimension.map { (Double(record.step), $0) } },
                    hasDots: true),
            ])
        chart.yExtent = .withoutOutliers(Self.highestPart)
        chart.decimalsOfLast = 3
        self.chart = chart
    }

    /// The picture on white, as a file has it; without records it has empty axes.
    package func svg() -> String { chart.markup.rendered }
}

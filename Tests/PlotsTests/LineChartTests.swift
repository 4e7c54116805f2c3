import Plots
import TestSupport
import Testing

@Suite struct LineChartTests {
    private func parse(_ chart: LineChart) throws -> ParsedPage { try #require(ParsedPage(chart.markup.rendered)) }

    private func places(_ element: ParsedPage.Element) -> [[Double]] {
        (element.attributes["points"] ?? "").split(separator: " ").map { $0.split(separator: ",").compactMap { Double($0) } }
    }

    private func labels(_ page: ParsedPage) -> [String] { page["text"].map(\.text) }

    @Test func aLineIsALine() throws {
        let page = try parse(LineChart(x: "s", y: "dB", [LineChart.Series("a", [(0, 10), (1, 20), (2, 30)])]))
        let points = places(page["polyline"][0])
        #expect(
            abs(points[1][0] - (points[0][0] + points[2][0]) / 2) < 0.02 && abs(points[1][1] - (points[0][1] + points[2][1]) / 2) < 0.02)
        #expect(points[0][1] > points[2][1], "larger is higher")
        #expect(labels(page).contains("s") && labels(page).contains("dB") && labels(page).contains("20"))
        #expect(page["title"][0].text == "dB over s; a ends at 30 after 2")
    }

    /// Equal factors are equal distances.
    @Test func aLogarithmicAxisHasOne() throws {
        var chart = LineChart(x: "s", y: "E", [LineChart.Series("a", [(0, 1), (1, 100), (2, 10000)])])
        chart.asksForLogarithm = true
        let page = try parse(chart)
        let heights = places(page["polyline"][0]).map { $0[1] }
        #expect(abs((heights[0] - heights[1]) - (heights[1] - heights[2])) < 0.02)
        #expect(labels(page).contains("10") && labels(page).contains("1000"))
    }

    @Test(arguments: [[(0.0, -1.0), (1, 5)], [(0, 0), (1, 5)], [(0, 4), (1, 5)]])
    func withoutRoomForALogarithmTheAxisIsLinear(_ points: [(Double, Double)]) throws {
        var chart = LineChart(
            x: "s", y: "E", [LineChart.Series("a", points.map { (x: $0.0, y: $0.1) } + [(x: 0.5, y: (points[0].1 + 5) / 2)])])
        chart.asksForLogarithm = true
        let heights = places(try parse(chart)["polyline"][0]).map { $0[1] }
        #expect(abs(heights[2] - (heights[0] + heights[1]) / 2) < 0.02)
    }

    @Test(arguments: [
        [], [(x: 0.0, y: 0.0)], [(x: .nan, y: 1), (x: 1, y: .infinity), (x: 3, y: 2)], [(x: 0, y: 1e300), (x: 1e300, y: -1e300)],
    ])
    func anyNumbersMakeAPicture(_ points: [(x: Double, y: Double)]) throws {
        let page = try parse(LineChart(title: "a < b", x: "s", y: "E", [LineChart.Series("a", points, hasDots: true)]))
        #expect(places(page["polyline"][0]).count == points.count { $0.x.isFinite && $0.y.isFinite })
        #expect(!page["polyline"][0].attributes["points", default: ""].contains("n"), "nan or inf")
        #expect(labels(page)[0] == "a < b")
    }

    @Test func manyCurvesTakeTheColoursInTurn() {
        let colours = ChartColours(background: nil, title: "a", text: "b", axis: "c", grid: "d", curves: ["x", "y"])
        #expect((0 ..< 4).map(colours.series) == ["x", "y", "x", "y"])
    }
}

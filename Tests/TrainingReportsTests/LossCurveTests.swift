import Foundation
import FoundationXML
import Testing
import TrainingReports

/// The picture of a training.
@Suite struct LossCurveTests {
    private func records(_ count: Int, validationEvery interval: Int = 10, bits: (Int) -> Double) -> [TrainingRecord] {
        (1 ... max(1, count)).prefix(count).map { index in
            TrainingRecord(
                step: 50 * index, images: 0, seconds: 0, bitsPerDimension: bits(index),
                validationBitsPerDimension: index % interval == 0 ? bits(index) + 0.1 : nil, learningRate: 0, gradientNorm: 0,
                imagesPerSecond: 0)
        }
    }

    private final class Content: NSObject, XMLParserDelegate {
        var elements: [(name: String, attributes: [String: String])] = []
        var texts: [String] = []

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            elements.append((name, attributes))
            if name == "text" { texts.append("") }
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            if !texts.isEmpty { texts[texts.count - 1] += string.trimmingCharacters(in: .newlines) }
        }

        /// Places of the points of each curve.
        var curves: [[[Double]]] {
            elements.filter { $0.name == "polyline" }.map { element in
                (element.attributes["points"] ?? "").split(separator: " ").map { $0.split(separator: ",").compactMap { Double($0) } }
            }
        }
    }

    private func parse(_ records: [TrainingRecord], title: String = "faces") throws -> Content {
        let parser = XMLParser(data: Data(LossCurve(records, title: title).svg().utf8))
        let content = Content()
        parser.delegate = content
        #expect(parser.parse())
        return content
    }

    @Test func bothCurvesAreDrawnWithTheirLastValues() throws {
        let content = try parse(records(100) { 1 + 3 / Double($0) })
        #expect(content.curves.map(\.count) == [100, 10])
        #expect(content.texts.contains("training 1.030") && content.texts.contains("validation 1.130"))
        #expect(content.texts.contains("steps") && content.texts.contains("bits per dimension"))
        for label in ["1,000", "5,000", "1.05", "1.10"] { #expect(content.texts.contains(label), "\(label) in \(content.texts)") }
        let heights = content.curves[0].map { $0[1] }
        #expect(heights == heights.sorted(), "bits that fall go down in the picture")
    }

    /// The first value is 400 times the others: the curve must not become a flat line at the bottom.
    @Test func theScaleLeavesOutTheFirstSteps() throws {
        let content = try parse(records(200) { $0 == 1 ? 800 : 2 + sin(Double($0)) })
        let heights = content.curves[0].dropFirst().map { $0[1] }
        #expect((heights.max() ?? 0) - (heights.min() ?? 0) > 250)
    }

    @Test func longCurvesAreThinned() throws {
        let content = try parse(records(10_001) { _ in 1.25 })
        #expect((250 ... 500).contains(content.curves[0].count))
        #expect(content.texts.contains("training 1.250"))
    }

    @Test(arguments: [0, 1, 2])
    func fewRecordsMakeAPictureToo(_ count: Int) throws {
        let content = try parse(records(count) { _ in 2 }, title: "a < b & c")
        #expect(content.texts.first == "a < b & c")
        #expect(content.curves.count == 2)
        #expect(content.curves.joined().joined().allSatisfy { $0.isFinite })
    }
}

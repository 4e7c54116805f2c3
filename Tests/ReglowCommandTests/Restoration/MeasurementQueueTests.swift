import Foundation
import Reglow
import TestSupport
import Testing

@Suite struct MeasurementQueueTests {
    let folder: TemporaryFolder

    init() throws { folder = try .forManyImages() }

    /// More files than are read ahead at once, of two sizes in turn: results are in the order of the inputs.
    @Test func manyImagesKeepTheirOrder() throws {
        for index in 100 ..< 370 {
            try folder.writePicture("y/\(index).npy", height: index % 2 == 0 ? 8 : 4, width: 8, phase: Float(index))
        }
        let ending = try folder.restore("y", "--output", "x", "--max-evaluations", "2", "--json", "-", problem: "denoise")
        #expect(ending.status == 0, "\(ending.messages)")
        let results = try #require(try ending.json()["results"] as? [[String: Any]])
        #expect(results.compactMap { $0["input"] as? String } == (100 ..< 370).map { "y/\($0).npy" })
        #expect(try folder.restore("y/101.npy", "--output", "alone.npy", "--max-evaluations", "2", problem: "denoise").status == 0)
        #expect(try folder.bytes("alone.npy") == folder.bytes("x/101.npy"))
    }
}

import Files
import Foundation
import TestSupport
import Testing
import TrainingReports

/// The log of a training, killed and resumed.
@Suite struct TrainingLogTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder.file("log.jsonl") }

    private func record(_ step: Int, bits: Double = 1.5, validation: Double? = nil) -> TrainingRecord {
        TrainingRecord(
            step: step, images: 32 * step, seconds: 0.25 * Double(step), bitsPerDimension: bits, validationBitsPerDimension: validation,
            learningRate: 1e-3, gradientNorm: 12.5, imagesPerSecond: 128)
    }

    private func lines() throws -> [Substring] {
        String(decoding: try FileBytes.read(path), as: UTF8.self).split(separator: "\n")
    }

    private func append(_ text: String) throws {
        let bytes = try FileBytes.read(path) + Array(text.utf8)
        try AtomicFile.write(bytes, to: path)
    }

    private func writeThree() throws {
        let log = try TrainingLog(beginning: path)
        for step in [10, 20, 30] { try log.append(record(step, validation: step == 20 ? 1.625 : nil)) }
    }

    @Test func eachRecordIsALineOfJSON() throws {
        try writeThree()
        let values = try lines().map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Double] }
        #expect(values.map { $0?["step"] } == [10, 20, 30])
        #expect(
            values[1] == [
                "step": 20, "images": 640, "seconds": 5, "bits_per_dimension": 1.5, "validation_bits_per_dimension": 1.625,
                "learning_rate": 1e-3, "gradient_norm": 12.5, "images_per_second": 128, "skipped_steps": 0,
            ])
        #expect(values[0]?["validation_bits_per_dimension"] == nil)
    }

    @Test func numbersThatAreNotFiniteAreLeftOut() throws {
        let log = try TrainingLog(beginning: path)
        try log.append(record(1, bits: .nan, validation: .infinity))
        #expect(try TrainingLog(continuing: path, upTo: 1).records == log.records)
        #expect(log.records[0].bitsPerDimension == nil && log.records[0].validationBitsPerDimension == nil)
    }

    @Test(arguments: ["", "{\"step\": 40, \"ima", "\u{0}\u{0}\u{0}"])
    func aLineCutByAKillIsDropped(_ rest: String) throws {
        try writeThree()
        let whole = try lines()
        try append(rest)
        let log = try TrainingLog(continuing: path, upTo: 30)
        #expect(log.records.map(\.step) == [10, 20, 30])
        try log.append(record(40))
        #expect(try lines().dropLast() == whole[...] && lines().count == 4)
    }

    @Test func recordsBeyondTheCheckpointAreCut() throws {
        try writeThree()
        let whole = try lines()
        let log = try TrainingLog(continuing: path, upTo: 25)
        #expect(log.records.map(\.step) == [10, 20])
        #expect(try lines() == Array(whole[..<2]))
        try log.append(record(30))
        #expect(try lines() == [whole[0], whole[1], whole[2]])
    }

    @Test func aMissingLogIsBegunAndAnOldOneEmptied() throws {
        let log = try TrainingLog(continuing: path, upTo: 5)
        try log.append(record(6))
        #expect(try lines().count == 1)
        #expect(try TrainingLog(beginning: path).records.isEmpty)
        #expect(try FileBytes.read(path).isEmpty)
    }

    @Test(arguments: ["no record\n", "{\"step\": 40}\n", "\n"])
    func anotherLineIsAnErrorThatNamesIt(_ line: String) throws {
        try writeThree()
        try append(line)
        let error = #expect(throws: FileError.self) { try TrainingLog(continuing: path, upTo: 100) }
        #expect(error?.path == path && error?.reason.contains("line 4") == true)
    }

    @Test func stepsThatGoBackAreAnError() throws {
        try writeThree()
        try append(String(lines()[0]) + "\n")
        #expect(throws: FileError.self) { try TrainingLog(continuing: path, upTo: 100) }
    }

    @Test func aLogThatCannotBeWrittenIsNamed() throws {
        let lost = path + "/log"
        for make in [{ try TrainingLog(beginning: lost) }, { try TrainingLog(continuing: lost, upTo: 1) }] {
            let error = #expect(throws: FileError.self) { try make() }
            #expect(error?.path == lost)
        }
    }
}

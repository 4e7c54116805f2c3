import Files
import FoundationEssentials
import Imaging
import InverseSolvers

/// What stands beside each output: which measurement became which image, by what and how well, or why it did not.
package struct JobRecord: Encodable {
    package enum Status: String, Codable {
        case done, failed
    }

    package var status: Status
    package var input: String
    package var inputSha256: String?
    package var inputBytes: Int?
    /// The name within the folder; nil for an image that failed.
    package var output: String?
    package var outputSha256: String?
    package var outputBytes: Int?
    package var truth: String?
    /// Why it failed.
    package var error: String?
    /// Whether the solve ended by itself; false where time or evaluations were used up, and the image is the best until then.
    package var complete: Bool?
    /// The hash of all that decides the result but the input.
    package var job: String
    package var options: [String: String]
    package var model: String?
    package var modelSha256: String?
    package var size: [Int]?
    package var solution: SolutionReport?
    package var notes: [Notes.Note] = []

    /// The program and the machine.
    package struct Engine: Encodable {
        package let version: String
        package let isa: String
        package let processor: String
        package let threads: Int
    }
    package var engine: Engine

    private enum CodingKeys: CodingKey {
        case status, input, inputSha256, inputBytes, output, outputSha256, outputBytes, truth, error, complete, job, options, model
        case modelSha256, size, notes
    }

    package func encode(to encoder: any Encoder) throws {
        try solution?.encode(to: encoder)
        try engine.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(status, forKey: .status)
        try container.encode(input, forKey: .input)
        try container.encodeIfPresent(inputSha256, forKey: .inputSha256)
        try container.encodeIfPresent(inputBytes, forKey: .inputBytes)
        try container.encodeIfPresent(output, forKey: .output)
        try container.encodeIfPresent(outputSha256, forKey: .outputSha256)
        try container.encodeIfPresent(outputBytes, forKey: .outputBytes)
        try container.encodeIfPresent(truth, forKey: .truth)
        try container.encodeIfPresent(error, forKey: .error)
        try container.encodeIfPresent(complete, forKey: .complete)
        try container.encode(job, forKey: .job)
        try container.encode(options, forKey: .options)
        try container.encodeIfPresent(model, forKey: .model)
        try container.encodeIfPresent(modelSha256, forKey: .modelSha256)
        try container.encodeIfPresent(size, forKey: .size)
        try container.encode(notes, forKey: .notes)
    }

    /// The record of an output.
    package static func path(of output: String) -> String { output + ".json" }
}

/// What is read of a record again.
package struct StoredRecord: Decodable, Sendable {
    package let status: JobRecord.Status
    package let input: String
    package let inputSha256: String?
    package let inputBytes: Int?
    package let outputSha256: String?
    package let outputBytes: Int?
    package let error: String?
    package let complete: Bool?
    package let job: String
    package let options: [String: String]
    package let model: String?
    package let psnr: Double?
    package let ssim: Double?
    package let evaluations: Int?
    package let seconds: Double?
    package let stop: String?
    package let isa: String?
    package let size: [Int]?
    /// Nil in records of earlier versions.
    package let trust: StoredTrust?

    package struct StoredTrust: Decodable, Sendable {
        package let verdict: String
        package let reasons: [String]
    }

    /// The record of an output; nil where there is none, or none that can be read.
    package static func read(_ path: String) -> (record: StoredRecord?, isDamaged: Bool) {
        guard FolderEntries.exists(path) else { return (nil, false) }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let bytes = try? FileBytes.read(path), let record = try? decoder.decode(StoredRecord.self, from: Data(bytes)) else {
            return (nil, true)
        }
        return (record, false)
    }
}

import Dispatch
import Files
import FoundationEssentials
import Synchronization

/// A list of images as a file: JSON lines (`.jsonl`, an object in each line) or CSV (`.csv`, names in the first line).
///
/// What the columns mean is the caller's matter: each row is given as names and texts. Numbers and truth values of JSON become the texts that they
/// stand as; fields of CSV without a text, and null in JSON, are left out.
package enum JobManifest {
    /// The endings of manifests.
    package static let endings = ["jsonl", "ndjson", "csv"]

    /// Gives each row with the number of its line.
    ///
    /// - Throws: `FileError` that names the file, and the line where one is at fault; what `body` throws.
    package static func read(_ path: String, _ body: (_ line: Int, _ row: [String: String]) throws -> Void) throws {
        let bytes = try FileBytes.read(path)
        if fileExtension(of: path) == "csv" {
            try readCSV(path, bytes, body)
        } else {
            try readJSONLines(path, bytes, body)
        }
    }

    private static func readCSV(_ path: String, _ bytes: [UInt8], _ body: (Int, [String: String]) throws -> Void) throws {
        var names: [String]?
        try CSVRows.read(path, bytes) { line, fields in
            let texts = fields.map { PathName.decode($0) }
            guard let known = names else {
                let lowered = texts.map(trimmed)
                if let twice = Dictionary(grouping: lowered, by: { $0 }).first(where: { $0.value.count > 1 })?.key {
                    throw FileError(path: path, reason: "line \(line) names the column '\(twice)' twice")
                }
                return names = lowered
            }
            guard texts.count == known.count else {
                throw FileError(path: path, reason: "line \(line) has \(texts.count) fields, and the first line names \(known.count)")
            }
            try body(line, Dictionary(uniqueKeysWithValues: zip(known, texts).filter { !$0.1.isEmpty }))
        }
        guard names != nil else { throw FileError(path: path, reason: "is empty: the first line of a CSV file names its columns") }
    }

    /// Without the spaces around it.
    private static func trimmed(_ text: String) -> String {
        var rest = Substring(text)
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    /// Lines that one task decodes.
    private static let block = 2048

    private static func readJSONLines(_ path: String, _ bytes: [UInt8], _ body: (Int, [String: String]) throws -> Void) throws {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // Some blocks at a time, so that the rows of a long file are never all in memory.
        let round = block * 16
        for first in stride(from: 0, to: lines.count, by: round) {
            let end = min(first + round, lines.count)
            let decoded = Mutex<[Int: [Result<[String: String]?, FileError>]]>([:])
            DispatchQueue.concurrentPerform(iterations: (end - first + block - 1) / block) { task in
                let decoder = JSONDecoder()
                let start = first + task * block
                let rows = (start ..< min(start + block, end)).map { row(lines[$0], path, line: $0 + 1, decoder) }
                decoded.withLock { $0[task] = rows }
            }
            for (task, rows) in decoded.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
                for (offset, row) in rows.enumerated() {
                    if let row = try row.get() { try body(first + task * block + offset + 1, row) }
                }
            }
        }
    }

    private static func row(
        _ bytes: ArraySlice<UInt8>, _ path: String, line: Int, _ decoder: JSONDecoder
    ) -> Result<[String: String]?, FileError> {
        if bytes.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t") }) { return .success(nil) }
        do {
            return .success(try decoder.decode([String: Value].self, from: Data(bytes)).compactMapValues(\.text))
        } catch let error as ValueError {
            return .failure(FileError(path: path, reason: "line \(line): \(error.reason)"))
        } catch {
            return .failure(FileError(path: path, reason: "line \(line) is no JSON object of texts, numbers and truth values"))
        }
    }

    private struct ValueError: Error {
        let reason: String
    }

    /// A value of JSON as the text of an option.
    private struct Value: Decodable {
        /// This is nil for null.
        let text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self.text = text
            } else if let number = try? container.decode(Int.self) {
                text = "\(number)"
            } else if let number = try? container.decode(UInt64.self) {
                text = "\(number)"
            } else if let number = try? container.decode(Double.self) {
                text = "\(number)"
            } else if let flag = try? container.decode(Bool.self) {
                text = flag ? "true" : "false"
            } else if container.decodeNil() {
                text = nil
            } else {
                throw ValueError(reason: "a value is neither a text nor a number nor a truth value")
            }
        }
    }
}

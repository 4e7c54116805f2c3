import Dispatch
import Files
import FoundationEssentials
import Synchronization

/// A list of images as a file: JSON lines (`.jsonl`, an object in each line) or CSV (`.csv`, names in the first line).
///
/// A row has what belongs to its image alone, and options, whose meaning is the caller's matter, as names and texts. Numbers and truth values of JSON
/// become the texts that they stand as; fields of CSV without a text, and null in JSON, are left out.
package enum JobManifest {
    /// One image.
    package struct Row: Sendable {
        package fileprivate(set) var input, output, truth, mask, seed: String?
        /// Names of options, with dashes, and their texts.
        package fileprivate(set) var options: [(name: String, text: String)] = []
        /// The same for rows with the same options, and no others of the manifest.
        package fileprivate(set) var key = ""

        /// Takes a field in.
        fileprivate mutating func set(_ name: String, _ text: String) {
            switch name {
            case "input": input = text
            case "output": output = text
            case "truth": truth = text
            case "mask": mask = text
            case "seed": seed = text
            default:
                options.append((name, text))
                key += name
                key += "\u{1F}"
                key += text
                key += "\u{1E}"
            }
        }
    }

    /// The name of an option, whichever sign joins its words.
    private static func optionName(_ name: String) -> String {
        name.utf8.contains(UInt8(ascii: "_")) ? name.split(separator: "_").joined(separator: "-") : name
    }

    /// The endings of manifests.
    package static let endings = ["jsonl", "ndjson", "csv"]

    /// Gives each row with the number of its line.
    ///
    /// - Throws: `FileError` that names the file, and the line where one is at fault; what `body` throws.
    package static func read(_ path: String, _ body: (_ line: Int, _ row: Row) throws -> Void) throws {
        let bytes = try FileBytes.read(path)
        if fileExtension(of: path) == "csv" {
            try readCSV(path, bytes, body)
        } else {
            try readJSONLines(path, bytes, body)
        }
    }

    private static func readCSV(_ path: String, _ bytes: [UInt8], _ body: (Int, Row) throws -> Void) throws {
        var names: [String]?
        try CSVRows.read(path, bytes) { line, fields in
            guard let known = names else {
                let found = fields.map { optionName(trimmed(PathName.decode($0))) }
                if let twice = Dictionary(grouping: found, by: { $0 }).first(where: { $0.value.count > 1 })?.key {
                    throw FileError(path: path, reason: "line \(line) names the column '\(twice)' twice")
                }
                return names = found
            }
            guard fields.count == known.count else {
                throw FileError(path: path, reason: "line \(line) has \(fields.count) fields, and the first line names \(known.count)")
            }
            var row = Row()
            for (name, field) in zip(known, fields) where !field.isEmpty { row.set(name, PathName.decode(field)) }
            try body(line, row)
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

    private static func readJSONLines(_ path: String, _ bytes: [UInt8], _ body: (Int, Row) throws -> Void) throws {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // Some blocks at a time, so that the rows of a long file are never all in memory.
        let round = block * 16
        for first in stride(from: 0, to: lines.count, by: round) {
            let end = min(first + round, lines.count)
            let decoded = Mutex<[Int: [Result<Row?, FileError>]]>([:])
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
    ) -> Result<Row?, FileError> {
        if bytes.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t") }) { return .success(nil) }
        do {
            return .success(try decoder.decode(ObjectRow.self, from: Data(bytes)).row)
        } catch let error as ValueError {
            return .failure(FileError(path: path, reason: "line \(line): \(error.reason)"))
        } catch {
            return .failure(FileError(path: path, reason: "line \(line) is no JSON object of texts, numbers and truth values"))
        }
    }

    /// The object of a line.
    private struct ObjectRow: Decodable {
        var row = Row()

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
                if let text = try Self.text(container, key) { row.set(JobManifest.optionName(key.stringValue), text) }
            }
        }

        /// A value as the text of an option; nil for null. What each name most likely has is tried first, since a guess that fails takes longer than
        /// all else.
        private static func text(_ container: KeyedDecodingContainer<Key>, _ key: Key) throws -> String? {
            if key.stringValue == "seed", let number = try? container.decode(UInt64.self, forKey: key) { return "\(number)" }
            if let text = try? container.decode(String.self, forKey: key) { return text }
            if let number = try? container.decode(Int.self, forKey: key) { return "\(number)" }
            if let number = try? container.decode(UInt64.self, forKey: key) { return "\(number)" }
            if let number = try? container.decode(Double.self, forKey: key) { return "\(number)" }
            if let flag = try? container.decode(Bool.self, forKey: key) { return flag ? "true" : "false" }
            if try container.decodeNil(forKey: key) { return nil }
            throw ValueError(reason: "the value of '\(key.stringValue)' is neither a text nor a number nor a truth value")
        }
    }

    private struct ValueError: Error {
        let reason: String
    }
}

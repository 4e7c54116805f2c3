import CCSV
import Glibc

/// The rows of a CSV file (RFC 4180), by libcsv: fields in quotes may hold commas, quotes and line ends.
package enum CSVRows {
    /// Gives each row, with the number of the line that it ends on, as its fields' bytes. Empty lines are left out.
    ///
    /// - Throws: `FileError` that names the file for quotes that are out of place, with the line; what `body` throws.
    package static func read(
        _ path: String, _ bytes: [UInt8], _ body: (_ line: Int, _ fields: [[UInt8]]) throws -> Void
    ) throws {
        var parser = csv_parser()
        guard csv_init(&parser, UInt8(CSV_STRICT) | UInt8(CSV_STRICT_FINI)) == 0 else {
            throw FileError(path: path, reason: "cannot be read")
        }
        defer { csv_free(&parser) }
        var rows = Rows()
        // A byte order mark is no part of the first name.
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        var line = 1
        while !rest.isEmpty {
            // Line by line, so that an error has a line.
            let end = endOfLine(rest)
            let count = end - rest.startIndex
            let parsed = withUnsafeMutablePointer(to: &rows) { rows in
                rest[..<end].withUnsafeBytes { csv_parse(&parser, $0.baseAddress, count, Self.onField, Self.onRow, rows) }
            }
            guard parsed == count else { throw fault(path, line, &parser) }
            for row in rows.complete { try body(line, row) }
            rows.complete.removeAll()
            rest = rest[end...]
            line += 1
        }
        let ended = withUnsafeMutablePointer(to: &rows) { csv_fini(&parser, Self.onField, Self.onRow, $0) }
        guard ended == 0 else { throw fault(path, line - 1, &parser) }
        for row in rows.complete { try body(line - 1, row) }
    }

    /// Behind the first line, which ends with a line feed, a carriage return or both: the parser ends a row with any of them.
    private static func endOfLine(_ bytes: ArraySlice<UInt8>) -> Int {
        let (feed, carriage) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        guard let first = bytes.firstIndex(where: { $0 == feed || $0 == carriage }) else { return bytes.endIndex }
        let next = first + 1
        return bytes[first] == carriage && next < bytes.endIndex && bytes[next] == feed ? next + 1 : next
    }

    private struct Rows {
        var fields: [[UInt8]] = []
        var complete: [[[UInt8]]] = []
    }

    private static let onField: @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> Void = { field, count, rows in
        rows?.assumingMemoryBound(to: Rows.self).pointee.fields.append(Array(UnsafeRawBufferPointer(start: field, count: count)))
    }

    private static let onRow: @convention(c) (Int32, UnsafeMutableRawPointer?) -> Void = { _, rows in
        guard let rows = rows?.assumingMemoryBound(to: Rows.self) else { return }
        rows.pointee.complete.append(rows.pointee.fields)
        rows.pointee.fields = []
    }

    private static func fault(_ path: String, _ line: Int, _ parser: inout csv_parser) -> FileError {
        let reason = csv_strerror(csv_error(&parser)).map { String(cString: $0) } ?? "it cannot be read"
        return FileError(path: path, reason: "line \(line) is no CSV: \(reason)")
    }
}

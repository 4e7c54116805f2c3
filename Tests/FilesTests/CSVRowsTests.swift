import Files
import Testing

@Suite struct CSVRowsTests {
    private func rows(_ text: String) throws -> [(Int, [String])] {
        var rows: [(Int, [String])] = []
        try CSVRows.read("list.csv", Array(text.utf8)) { rows.append(($0, $1.map { String(decoding: $0, as: UTF8.self) })) }
        return rows
    }

    @Test(arguments: [
        "a,b\n1,2\n", "a,b\n1,2", "a,b\r\n1,2\r\n", "a,b\r1,2\r", "a,b\r1,2", "\u{FEFF}a,b\n1,2\n", "a,b\n\n1,2\n\n",
        "\"a\",\"b\"\n1,\"2\"\n",
    ])
    func linesAndQuotesAreTakenAsTheyCome(text: String) throws {
        let found = try rows(text).map(\.1)
        #expect(found == [["a", "b"], ["1", "2"]])
    }

    @Test func fieldsInQuotesHoldAnything() throws {
        let found = try rows("name,note\n\"a, b\",\"say \"\"x\"\"\nand more\"\nc,\n")
        #expect(found.map(\.1) == [["name", "note"], ["a, b", "say \"x\"\nand more"], ["c", ""]])
        #expect(found.map(\.0) == [1, 3, 4])
    }

    @Test(arguments: ["\n", "\r", "\r\n"])
    func everyLineEndCounts(end: String) throws {
        let found = try rows(["a", "", "b", "\"c\(end)d\"", "e"].joined(separator: end))
        #expect(found.map(\.0) == [1, 3, 5, 6])
    }

    @Test(arguments: [("a,b\n1,\"2\n", 2), ("a,b\r1,\"2\r", 2), ("a\nb\"c\n", 2), ("a,b\n\"x\"y,1\n", 2)])
    func quotesOutOfPlaceAreAnErrorWithItsLine(text: String, line: Int) {
        #expect {
            _ = try rows(text)
        } throws: {
            "\($0)".hasPrefix("list.csv: line \(line) is no CSV")
        }
    }

    @Test func nothingHasNoRows() throws { #expect(try rows("").isEmpty) }
}

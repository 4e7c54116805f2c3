import Files
import Reglow
import TestSupport
import Testing

@Suite struct JobManifestTests {
    /// Each row with its line, all fields by their names.
    private func rows(_ name: String, _ text: String) throws -> [(line: Int, row: [String: String])] {
        let folder = try TemporaryFolder()
        var rows: [(Int, [String: String])] = []
        try JobManifest.read(folder.file(name, holding: Array(text.utf8))) { line, row in
            var fields = Dictionary(uniqueKeysWithValues: row.options.map { ($0.name, $0.text) })
            fields["input"] = row.input
            fields["seed"] = row.seed
            rows.append((line, fields))
        }
        return rows
    }

    @Test func bothFormsSayTheSame() throws {
        let csv = try rows("list.csv", "input, noise,seed\na.png,0.1,3\n\"b,c.png\",,18446744073709551615\n")
        let lines = try rows(
            "list.jsonl",
            """
            {"input": "a.png", "noise": 0.1, "seed": 3}

            {"input": "b,c.png", "noise": null, "seed": 18446744073709551615}
            """)
        #expect(
            csv.map(\.row) == [["input": "a.png", "noise": "0.1", "seed": "3"], ["input": "b,c.png", "seed": "18446744073709551615"]])
        #expect(lines.map(\.row) == csv.map(\.row))
        #expect(lines.map(\.line) == [1, 3])
        #expect(csv.map(\.line) == [2, 3])
        #expect(try rows("list.jsonl", #"{"a": true, "b": false, "c": -2.5e-3}"#)[0].row == ["a": "true", "b": "false", "c": "-0.0025"])
    }

    @Test(arguments: [
        ("list.jsonl", "{\"a\": 1}\n[1]\n", "line 2"), ("list.jsonl", "{\"a\": [1]}", "line 1"), ("list.jsonl", "{\"a\": {}}\n", "line 1"),
        ("list.jsonl", "{\"a\": 1", "line 1"), ("list.csv", "a,b\n1\n", "line 2 has 1 fields"), ("list.csv", "a,a\n1,2\n", "'a' twice"),
        ("list.csv", "", "is empty"), ("list.csv", "a\n\"b\n", "no CSV"),
    ])
    func whatIsNoManifestIsAnErrorThatNamesTheLine(name: String, text: String, words: String) {
        #expect {
            _ = try rows(name, text)
        } throws: {
            "\($0)".contains(words) && "\($0)".contains(name)
        }
    }

    /// More lines than a block and a round of blocks have, in their order.
    @Test func longListsKeepTheirOrder() throws {
        let count = 70_000
        let text = (0 ..< count).map { "{\"input\": \"\($0).png\"}\n" }.joined()
        let found = try rows("list.jsonl", text)
        #expect(found.count == count)
        #expect(found.enumerated().allSatisfy { $1.line == $0 + 1 && $1.row["input"] == "\($0).png" })
    }
}

import Foundation
import Reglow
import TestSupport
import Testing

@Suite struct CommandArgumentsTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try .withModel()
        try folder.writePicture("y.png")
    }

    /// The name in Latin-1, as an argument, as an output and in a folder; and two names that Swift takes for equal.
    @Test func namesAreAnyBytes() throws {
        let ending = try Command.shell(
            #"""
            set -e
            name=$(printf 'caf\xe9'); mkdir y; cp y.png "y/$name.png"; cp y.png y/plain.png
            cp y.png "y/$(printf 'e\xcc\x81').png"; cp y.png "y/$(printf '\xc3\xa9').png"
            "$R" restore "y/$name.png" $O --output "$name-out.png" --json report.json
            "$R" restore y $O --output "$(printf 'out\xff')"
            LC_ALL=C ls -b "$(printf 'out\xff')" "$name-out.png"
            """#, in: folder)
        #expect(ending.status == 0, "\(ending.messages)")
        for name in ["caf\\351.png", "plain.png", "e\\314\\201.png", "\\303\\251.png", "caf\\351-out.png"] {
            #expect(ending.output.contains(name), "\(name) in \(ending.output)")
        }
        #expect(ending.messages.contains("caf\\xe9") && !ending.messages.unicodeScalars.contains { $0.value >= 0x10_0000 })
        let results = try #require(try folder.json("report.json")["results"] as? [[String: Any]])
        #expect(results.first?["input"] as? String == "y/caf\\xe9.png")
        #expect(results.first?["output"] as? String == "caf\\xe9-out.png")
        let missing = try Command.shell(#""$R" restore "$(printf 'no\xe9.png')" $O --output x.png"#, in: folder)
        #expect(missing.status == 1 && missing.errors.first?.contains("no\\xe9.png: cannot open") == true, "\(missing.messages)")
        let wrong = try Command.shell(#""$R" restore y.png $O --output "$(printf 'no\xe9.jpg')""#, in: folder)
        #expect(wrong.status == 64 && wrong.errors.first?.contains("no\\xe9.jpg must end in") == true, "\(wrong.messages)")
    }
}

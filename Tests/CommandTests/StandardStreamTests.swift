import Foundation
import Reglow
import TestSupport
import Testing

/// `-` is standard input and standard output; and names are any bytes. Both through a shell, as a user has them.
@Suite struct StandardStreamTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writeModel()
        try folder.writePicture("y.png")
    }

    /// Runs a line of shell, where `$R` is the command, and `$O` what restoring needs.
    private func shell(_ line: String) throws -> Command.Ending {
        let options = "--problem denoise --prior tiny.safetensors --max-evaluations 2 --noise 0.05"
        return try Command.run(
            ["-c", line], in: folder, environment: ["R": Command.executable.path, "O": options],
            executable: URL(fileURLWithPath: "/bin/bash"))
    }

    @Test(arguments: [("png", ImageFormat.png), ("tiff", .tiff), ("npy", .numPy)])
    func anImagePassesThrough(format: String, expected: ImageFormat) throws {
        let ending = try shell("\"$R\" restore - $O --output - --format \(format) <y.png >x; \"$R\" restore y.png $O --output x.\(format)")
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try folder.bytes("x") == folder.bytes("x.\(format)"))
        #expect(try ImageFile.read(folder.file("x")).metadata.format == expected)
    }

    @Test func commandsAreAPipe() throws {
        let ending = try shell(
            "set -o pipefail; \"$R\" degrade y.png --problem denoise --noise 0.05 --output - --format npy"
                + " | \"$R\" restore - $O --output - | \"$R\" evaluate y.png - --json q.json")
        #expect(ending.status == 0, "\(ending.messages)")
        #expect(try #require(try folder.json("q.json")["psnr"] as? Double) > 10)
    }

    @Test func masksAndTruthsMayComeFromStandardInput() throws {
        try folder.writePicture("m.png", channels: 1)
        let mask = try shell(
            "\"$R\" restore y.png --problem inpaint --mask - --prior tiny.safetensors --max-evaluations 2 --output x.png <m.png")
        #expect(mask.status == 0, "\(mask.messages)")
        let truth = try shell("\"$R\" restore y.png $O --truth - --output x.png <y.png")
        #expect(truth.status == 0 && truth.output.contains("PSNR"), "\(truth.messages)")
    }

    @Test(arguments: [
        ("restore - $O --output - --json -", "standard output"), ("restore - $O --truth - --output x.png", "standard input"),
        ("evaluate - -", "standard input"), ("restore y.png y.png $O --output -", "--output -"),
        ("degrade y.png --problem compressive --measurements 9 --output -", "--format npy"),
    ])
    func oneStreamHasOneUse(arguments: String, words: String) throws {
        let ending = try shell("\"$R\" \(arguments) <y.png")
        #expect(ending.status == 64 && ending.errors.first?.contains(words) == true, "\(ending.messages)")
        #expect(ending.output.isEmpty)
    }

    @Test func whatCannotBeReadIsNamed() throws {
        let empty = try shell("\"$R\" restore - $O --output - </dev/null")
        #expect(empty.status == 1 && empty.errors.first?.contains("standard input: the file is empty") == true, "\(empty.messages)")
        #expect(empty.output.isEmpty)
        let full = try shell("\"$R\" restore - $O --output - <y.png >/dev/full")
        #expect(full.status == 1 && full.errors.first?.contains("No space") == true, "\(full.messages)")
        // A file of that name has a folder before it.
        #expect(try shell("cp y.png ./-; \"$R\" restore ./- $O --output x.png").status == 0)
    }

    /// The name in Latin-1, as an argument, as an output and in a folder; and two names that Swift takes for equal.
    @Test func namesAreAnyBytes() throws {
        let ending = try shell(
            #"""
            set -e
            name=$(printf 'caf\xe9'); mkdir y; cp y.png "y/$name.png"; cp y.png y/plain.png
            cp y.png "y/$(printf 'e\xcc\x81').png"; cp y.png "y/$(printf '\xc3\xa9').png"
            "$R" restore "y/$name.png" $O --output "$name-out.png" --json report.json
            "$R" restore y $O --output "$(printf 'out\xff')"
            LC_ALL=C ls -b "$(printf 'out\xff')" "$name-out.png"
            """#)
        #expect(ending.status == 0, "\(ending.messages)")
        for name in ["caf\\351.png", "plain.png", "e\\314\\201.png", "\\303\\251.png", "caf\\351-out.png"] {
            #expect(ending.output.contains(name), "\(name) in \(ending.output)")
        }
        #expect(ending.messages.contains("caf\\xe9") && !ending.messages.unicodeScalars.contains { $0.value >= 0x10_0000 })
        let results = try #require(try folder.json("report.json")["results"] as? [[String: Any]])
        #expect(results.first?["input"] as? String == "y/caf\\xe9.png")
        #expect(results.first?["output"] as? String == "caf\\xe9-out.png")
        let missing = try shell(#""$R" restore "$(printf 'no\xe9.png')" $O --output x.png"#)
        #expect(missing.status == 1 && missing.errors.first?.contains("no\\xe9.png: cannot open") == true, "\(missing.messages)")
        let wrong = try shell(#""$R" restore y.png $O --output "$(printf 'no\xe9.jpg')""#)
        #expect(wrong.status == 64 && wrong.errors.first?.contains("no\\xe9.jpg must end in") == true, "\(wrong.messages)")
    }
}

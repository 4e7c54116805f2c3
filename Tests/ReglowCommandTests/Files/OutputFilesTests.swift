import Reglow
import TestSupport
import Testing

@Suite struct OutputFilesTests {
    let folder: TemporaryFolder

    init() throws { folder = try .forRefusals() }

    private func restore(_ input: String, _ more: String...) -> [String] {
        ["restore", input, "--problem", "denoise", "--prior", "tiny.safetensors", "--max-evaluations", "3", "--output", "x.png"] + more
    }

    @Test func outputsThatCannotBeWritten() throws {
        try folder.file("file.txt", holding: [1])
        for output in ["file.txt/y.png", "nofolder/y.png"] {
            try folder.expectRefusal(1, [output], ["degrade", "good.png", "--problem", "denoise", "--output", output])
            try folder.expectRefusal(
                1, [output], ["restore", "good.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--output", output])
        }
        try folder.expectRefusal(
            1, ["file.txt: is a file"],
            ["restore", "good.png", "--problem", "denoise", "--prior", "tiny.safetensors", "--output", "file.txt/z/"])
        try folder.expectRefusal(1, ["file.txt: is a file"], ["demo", "--prior", "tiny.safetensors", "--output", "file.txt"])
        try folder.expectRefusal(1, ["nofolder/r.json"], restore("good.png", "--json", "nofolder/r.json"))
        try folder.expectRefusal(1, ["nofolder/t.csv"], restore("good.png", "--trace", "nofolder/t.csv"))
    }
}

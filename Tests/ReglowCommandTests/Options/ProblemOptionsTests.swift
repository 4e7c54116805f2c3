import Reglow
import TestSupport
import Testing

@Suite struct ProblemOptionsTests {
    let folder: TemporaryFolder

    init() throws { folder = try .forRefusals() }

    @Test(arguments: [
        (["sharpen"], "sharpen"), (["superres", "--scale", "0"], "--scale"), (["superres", "--scale", "-2"], "--scale"),
        (["inpaint"], "--mask"),
        (["inpaint", "--hole", "4", "--missing", "0.5"], "several"), (["inpaint", "--mask", "good.png", "--hole", "4"], "several"),
        (["inpaint", "--missing", "1"], "--missing"), (["inpaint", "--missing", "-0.1"], "--missing"),
        (["inpaint", "--missing", "nan"], "--missing"),
        (["inpaint", "--hole", "0"], "--hole"), (["deblur", "--point-spread", "uniform:0"], "--point-spread"),
        (["deblur", "--point-spread", "motion:9"], "--point-spread"), (["deblur", "--border", "torus"], "--border"),
        (["compressive", "--measurements", "9"], ".npy"), (["denoise", "--mask-output", "m.png"], "--mask-output"),
        (["inpaint", "--hole", "4", "--mask-output", "x.png"], "x.png"),
        (["inpaint", "--hole", "4", "--mask-output", "m.jpg"], "m.jpg"),
    ])
    func problemsOfDegrade(_ problem: [String], _ name: String) throws {
        try folder.expectRefusal(64, [name], ["degrade", "good.png", "--output", "x.png", "--problem"] + problem)
    }
}

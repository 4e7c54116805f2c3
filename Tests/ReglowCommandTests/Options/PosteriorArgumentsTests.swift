import Foundation
import Reglow
import TestSupport
import Testing

/// `restore --posterior`, as a user calls it.
@Suite struct PosteriorArgumentsTests {
    let folder: TemporaryFolder

    init() throws { folder = try .forManyImages() }

    private let few = ["--posterior", "--samples", "16", "--burn-in", "2", "--steps-per-sample", "2"]

    /// The output is the mean, beside it deviation, quantiles and draws; the report says how well the chains did.
    @Test func theMeanAndWhatIsBesideIt() throws {
        try folder.writePicture("y/a.npy", height: 12, width: 12)
        let ending = try folder.restore(
            "y/a.npy", "--output", "x.npy", "--truth", "y/a.npy", "--uncertainty-output", "u.png", "--samples-output", "s", "--json", "-",
            arguments: few)
        #expect(ending.status == 0, "\(ending.messages)")
        let result = try #require((try ending.json()["results"] as? [[String: Any]])?.first)
        let posterior = try #require(result["posterior"] as? [String: Any])
        #expect(posterior["samples"] as? Int == 16 && posterior["evaluations"] as? Int == 4 * 13)
        #expect(posterior["r_hat"] is Double && posterior["coverage"] is Double && posterior["mode_psnr"] is Double)
        #expect((posterior["samples_output"] as? [String])?.count == 3 + 8)
        #expect(try folder.image("s/x-quantile-0.5.npy").shape == ImageShape(channels: 3, height: 12, width: 12))
        #expect(try folder.image("u.png").shape.channels == 3)
        #expect(try folder.restore("y/a.npy", "--output", "m.npy").status == 0)
        #expect(try folder.bytes("m.npy") != folder.bytes("x.npy"))
    }

    /// Several images have folders; the draws of one are the same alone and with others, with one thread and with two.
    @Test func aloneOrWithOthersIsTheSame() throws {
        for index in 0 ..< 2 { try folder.writePicture("y/\(index).npy", height: 12, width: 12, phase: Float(index)) }
        #expect(
            try folder.restore("y", "--output", "x", "--uncertainty-output", "u", "--threads", "2", arguments: few).status == 0)
        #expect(
            try folder.restore("y/1.npy", "--output", "1.npy", "--uncertainty-output", "u.npy", "--threads", "1", arguments: few).status
                == 0)
        #expect(try folder.bytes("1.npy") == folder.bytes("x/1.npy"))
        #expect(try folder.bytes("u.npy") == folder.bytes("u/1-deviation.npy"))
    }

    @Test func whatCannotBeIsTold() throws {
        try folder.writePicture("y/a.npy", height: 12, width: 12)
        func refused(_ status: Int32, _ words: [String], _ arguments: String...) throws {
            let ending = try folder.restore("y/a.npy", "--output", "x.npy", arguments: arguments)
            #expect(ending.status == status, "\(ending.messages)")
            for word in words { #expect(ending.errors.first?.contains(word) == true, "\(word) in \(ending.messages)") }
        }
        try refused(64, ["--samples is for --posterior"], "--samples", "20")
        try refused(64, ["--uncertainty-output is for --posterior"], "--uncertainty-output", "u.png")
        try refused(64, ["--samples is 3", "4 for each chain"], "--posterior", "--samples", "3")
        try refused(64, ["--chains is 3", "even with a self-ensemble"], "--posterior", "--self-ensemble", "--chains", "3")
        try refused(64, ["--burn-in is 0"], "--posterior", "--burn-in", "0")
        try refused(64, ["--quantiles is 1.5"], "--posterior", "--quantiles", "1.5")
        try refused(64, ["--uncertainty-output", ".png or .npy"], "--posterior", "--uncertainty-output", "u.txt")
        try refused(64, ["--uncertainty-output"], "--posterior", "--uncertainty-output", "x.npy")
        try refused(1, ["memory"], "--posterior", "--samples", "1000000", "--memory", "900MB")
    }
}

import Reglow

/// One of the five problems of the paper's table, with the parameters that its text leaves open.
struct PaperProblem {
    /// Names folders and files.
    let name: String
    /// For pictures; two lines.
    let label: String
    let problem: Problem

    static func all() throws -> [PaperProblem] {
        [
            PaperProblem(name: "deblur", label: "deblurring\nuniform 5x5", problem: .deblur(try .uniform(5))),
            PaperProblem(name: "superres-x2", label: "super-resolution\nby 2", problem: .superresolve(scale: 2)),
            PaperProblem(name: "superres-x4", label: "super-resolution\nby 4", problem: .superresolve(scale: 4)),
            PaperProblem(name: "inpaint-random", label: "inpainting\n60 % missing", problem: .inpaint(.random(0.6))),
            PaperProblem(name: "inpaint-hole", label: "inpainting\nhole of 20x20", problem: .inpaint(.hole(20))),
        ]
    }
}

/// An image whose degraded versions are restored.
struct TruthImage {
    let path: String
    let image: Image

    /// The image in the channels of the prior.
    ///
    /// - Throws: `FileError`.
    init(path: String, prior: Glow, engine: EngineOptions) throws {
        self.path = path
        let read = try readImage(path, engine.log)
        if read.shape.channels != prior.imageChannels {
            engine.log.notice("\(path): converted to the prior's channels, \(prior.imageChannels)")
        }
        image = try naming(path) { try read.converted(toChannels: prior.imageChannels) }
    }
}

import Reglow

/// One of the five problems of the paper's table, with the parameters that its text leaves open, or one that it does not have.
struct PaperProblem {
    /// Names folders and files.
    let name: String
    /// The name in pictures, in two lines.
    let label: String
    let problem: Problem

    enum Name: String {
        case deblur
        case superresolve2 = "superres-x2"
        case superresolve4 = "superres-x4"
        case inpaintRandom = "inpaint-random"
        case inpaintHole = "inpaint-hole"
        /// Not the paper's: deblurring of a window, of whose surroundings nothing is known.
        case deblurWindow = "deblur-window"
        /// Not the paper's either.
        case denoise

        /// The problems of the paper, in its order.
        static let paper: [Name] = [.deblur, .superresolve2, .superresolve4, .inpaintRandom, .inpaintHole]
    }

    init(_ name: Name) throws {
        self.name = name.rawValue
        (label, problem) =
            switch name {
            case .deblur: ("deblurring\nuniform 5x5", .deblur(try .uniform(5)))
            case .superresolve2: ("super-resolution\nby 2", .superresolve(scale: 2))
            case .superresolve4: ("super-resolution\nby 4", .superresolve(scale: 4))
            case .inpaintRandom: ("inpainting\n60 % missing", .inpaint(.random(0.6)))
            case .inpaintHole: ("inpainting\nhole of 20x20", .inpaint(.hole(20)))
            case .denoise: ("denoising", .denoise)
            case .deblurWindow: ("deblurring\nwindow, 5x5", .deblur(try .uniform(5), border: .unknown))
            }
    }

    /// The five of the paper.
    static func all() throws -> [PaperProblem] { try Name.paper.map { try PaperProblem($0) } }
}

/// An image whose degraded versions are restored.
struct TruthImage {
    let path: String
    let image: Image

    /// The image in the channels of the prior.
    ///
    /// - Throws: `FileError`.
    init(path: String, prior: Glow, notes: Notes) throws {
        self.path = path
        let read = try readImage(path, notes)
        if read.shape.channels != prior.imageChannels {
            notes.tell(path, "converted to the prior's channels, \(prior.imageChannels)")
        }
        image = try naming(path) { try read.converted(toChannels: prior.imageChannels) }
    }
}

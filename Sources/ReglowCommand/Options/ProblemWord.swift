import ArgumentParser

/// What `--problem` takes, the same in every command: a kind of problem, or the name of one of the paper's, which is a kind with its
/// parameters.
enum ProblemWord: String, CaseIterable, ExpressibleByArgument {
    case denoise, deblur, superres, inpaint, compressive
    case superresolve2 = "superres-x2"
    case superresolve4 = "superres-x4"
    case inpaintRandom = "inpaint-random"
    case inpaintHole = "inpaint-hole"
    /// Not the paper's: a window, of whose surroundings nothing is known.
    case deblurWindow = "deblur-window"

    var kind: ProblemOptions.Kind {
        switch self {
        case .denoise: .denoise
        case .deblur, .deblurWindow: .deblur
        case .superres, .superresolve2, .superresolve4: .superres
        case .inpaint, .inpaintRandom, .inpaintHole: .inpaint
        case .compressive: .compressive
        }
    }

    /// The options that a name stands for, beside its kind.
    var scale: Int? { self == .superresolve2 ? 2 : self == .superresolve4 ? 4 : nil }
    var missing: Double? { self == .inpaintRandom ? 0.6 : nil }
    var hole: Int? { self == .inpaintHole ? 20 : nil }
    var isWindow: Bool { self == .deblurWindow }

    /// The problems of `table` and `demo` that are meant: for a kind all of the paper's.
    var paperProblems: [PaperProblem.Name] {
        switch self {
        case .denoise: [.denoise]
        case .deblur: [.deblur]
        case .superres: [.superresolve2, .superresolve4]
        case .superresolve2: [.superresolve2]
        case .superresolve4: [.superresolve4]
        case .inpaint: [.inpaintRandom, .inpaintHole]
        case .inpaintRandom: [.inpaintRandom]
        case .inpaintHole: [.inpaintHole]
        case .deblurWindow: [.deblurWindow]
        case .compressive: []
        }
    }
}

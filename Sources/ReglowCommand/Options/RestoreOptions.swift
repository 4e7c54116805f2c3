import ArgumentParser
import Reglow

/// Says where `restore` writes, and what it compares with.
struct RestorePaths: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The restored image (.png, .tif or .npy, - for standard output), or the folder for several.", valueName: "file-or-folder"),
        completion: .file())
    var output: String

    @Flag(
        inversion: .prefixedNo, help: "Take the images of the folders in an input folder too, into folders of the same names in the output."
    )
    var recursive = false

    @Option(
        help: ArgumentHelp(
            "The truth, for PSNR and SSIM: an image, or a folder with images of the same base names.", valueName: "file-or-folder"),
        completion: .file())
    var truth: String?

    @Option(
        help: ArgumentHelp(
            "Write each accepted iterate of each image as a line of this CSV file, with its PSNR where --truth is given.",
            valueName: "file.csv"), completion: .csv)
    var trace: String?
}

/// What is minimized: E = 1/2 |A x - y|^2 + lambda/2 |f(x)|^2, over x or over z = f(x).
struct ObjectiveOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Optimize the image (analysis) or its latent (synthesis), as in the paper. (default: what is best, see --solver auto)",
            valueName: "analysis|synthesis"))
    var method: Formulation?

    @Option(
        name: [.customLong("regularization-weight"), .customLong("lambda")], parsing: .unconditional,
        help: ArgumentHelp(
            """
            lambda, the weight of the prior, or the rule that finds it for each image: discrepancy (the misfit is what --noise lets expect) \
            or whiteness (the misfit looks most like noise, whatever --noise is). (default: the square of --noise, at least that of \
            rounding to 8 bits)
            """, valueName: "lambda-or-rule"))
    var regularization: RegularizationArgument?

    private static let largestWeight = 1e12

    func validate() throws {
        if case .fixed(let weight) = regularization {
            try require(
                (0 ... Self.largestWeight).contains(weight),
                "--regularization-weight is \(weight), but must be from 0 to \(Self.largestWeight)")
        }
    }

    var choice: RestorationSettings.RegularizationChoice {
        switch regularization {
        case nil: .noiseVariance
        case .fixed(let weight): .fixed(weight)
        case .discrepancy: .discrepancy
        case .whiteness: .whiteness
        }
    }
}

/// The size of an image of which the measurement says nothing.
struct CompressiveSizeOption: ParsableArguments {
    @Option(help: ArgumentHelp("compressive: size of the image, where no truth gives it. (default: 64x64)", valueName: "HxW"))
    var size: Problem.ImageSize?
}

import ArgumentParser
import Reglow

/// What `--regularization-weight` says: lambda, or a rule that finds it.
enum RegularizationArgument: ExpressibleByArgument, Equatable {
    case fixed(Double)
    case discrepancy
    case whiteness

    static let allValueStrings = ["discrepancy", "whiteness"]

    init?(argument: String) {
        switch argument {
        case "discrepancy": self = .discrepancy
        case "whiteness": self = .whiteness
        default:
            guard let weight = Double(argument) else { return nil }
            self = .fixed(weight)
        }
    }
}

/// What `--noise` says where the noise need not be known.
enum NoiseArgument: ExpressibleByArgument, Hashable {
    case known(Double)
    case auto

    init?(argument: String) {
        if argument == "auto" {
            self = .auto
        } else if let deviation = NoiseOptions.parse(argument) {
            self = .known(deviation)
        } else {
            return nil
        }
    }

    /// This is nil where it is estimated.
    var deviation: Double? {
        if case .known(let deviation) = self { deviation } else { nil }
    }

    var level: RegularizationRule.NoiseLevel {
        switch self {
        case .known(let deviation): .known(deviation)
        case .auto: .estimated
        }
    }
}

/// Noise and seed of a measurement that is restored.
struct MeasuredNoiseOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Standard deviation of the noise, for pixel values from 0 to 1 (25/255 is a number as well), or auto: estimated from each \
            measurement, which must be an image. (default: auto for a picture file, \(RestorationSettings.standardNoise) for a .npy array)
            """, valueName: "sigma"))
    var noise: NoiseArgument?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Seed of random mask and Gaussian matrix, the one that 'degrade' was given.", valueName: "n"))
    var seed: UInt64 = 0

    func validate() throws {
        if let deviation = noise?.deviation { try NoiseOptions.requireInRange(deviation) }
    }
}

import ArgumentParser

/// Noise of the measurement and the seed of all that is random in it.
struct NoiseOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Standard deviation of the noise, for pixel values from 0 to 1.", valueName: "sigma"))
    var noise = Self.defaultNoise

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seed of noise, random mask and Gaussian matrix: 'restore' needs the one that 'degrade' was given.", valueName: "n"))
    var seed: UInt64 = 0

    static let defaultNoise = 0.01

    /// Far above any use; its square, the default weight, is still a number of single precision.
    private static let largestNoise = 1e6

    func validate() throws { try Self.requireInRange(noise) }

    static func requireInRange(_ noise: Double) throws {
        try require((0 ... largestNoise).contains(noise), "--noise is \(noise), but must be from 0 to \(largestNoise)")
    }
}

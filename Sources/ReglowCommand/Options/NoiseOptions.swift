import ArgumentParser

/// Noise of the measurement and the seed of all that is random in it.
struct NoiseOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Standard deviation of the noise, for pixel values from 0 to 1; 25/255 is a number as well.", valueName: "sigma"),
        transform: { text in
            guard let deviation = parse(text) else { throw ValidationError("'\(text)' is not a number") }
            return deviation
        })
    var noise = NoiseOptions.defaultNoise

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Seed of noise, random mask and Gaussian matrix: 'restore' needs the one that 'degrade' was given.", valueName: "n"))
    var seed: UInt64 = 0

    static let defaultNoise = 0.01

    /// At 1 noise is as large as the distance of black and white.
    private static let largestNoise = 1.0

    /// A number, or a fraction such as 25/255.
    static func parse(_ text: String) -> Double? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map { Double($0) }
        if parts.count == 1 { return parts[0] }
        guard let numerator = parts[0], let denominator = parts[1], denominator != 0 else { return nil }
        return numerator / denominator
    }

    func validate() throws { try Self.requireInRange(noise) }

    static func requireInRange(_ noise: Double) throws {
        let level = noise == noise.rounded() && noise > 0 && noise <= 255 ? "\(Int(noise))" : "\(noise)"
        let hint = noise > largestNoise && noise <= 255 ? ": for \(level) of 255 levels say --noise \(level)/255" : ""
        try require(
            (0 ... largestNoise).contains(noise),
            "--noise is \(noise), but is on the scale of pixels from 0 to 1, and must be from 0 to \(largestNoise)\(hint)")
    }
}

/// The architecture as `__metadata__` of a model file states it.
extension GlowArchitecture {
    package static let format = "reglow-glow/1"

    /// Keys of the metadata beside those of the architecture are not looked at.
    ///
    /// - Throws: `GlowArchitectureError` for the first key that is missing, not written as a number where it must be one, or
    ///   out of bounds.
    package init(metadata: [String: String]) throws {
        func text(_ key: GlowArchitectureError.Key) throws -> String {
            guard let text = metadata[key.rawValue] else { throw GlowArchitectureError(key, "is missing") }
            return text
        }
        func count(_ key: GlowArchitectureError.Key, _ text: some StringProtocol) throws -> Int {
            guard text.utf8.allSatisfy((UInt8(ascii: "0") ... UInt8(ascii: "9")).contains), let count = Int(text) else {
                throw GlowArchitectureError(key, "\(ModelFileError.quoted(String(text))) is not a count")
            }
            return count
        }

        let format = try text(.format)
        guard format == Self.format else {
            throw GlowArchitectureError(.format, "is \(ModelFileError.quoted(format)), expected \"\(Self.format)\"")
        }
        let levels = try count(.levels, text(.levels))
        try Self.require(.levels, levels, in: Self.levelBounds)
        let stepCounts = try text(.steps).split(separator: ",", maxSplits: levels, omittingEmptySubsequences: false)
        guard stepCounts.count == levels else {
            throw GlowArchitectureError(.steps, "must have one count for each of the \(levels) levels")
        }
        let couplingName = try text(.coupling)
        guard let coupling = Coupling(rawValue: couplingName) else {
            throw GlowArchitectureError(.coupling, "is \(ModelFileError.quoted(couplingName)), expected additive or affine")
        }
        let shiftText = try text(.pixelShift)
        guard let pixelShift = Float(shiftText) else {
            throw GlowArchitectureError(.pixelShift, "\(ModelFileError.quoted(shiftText)) is not a number")
        }
        try self.init(
            steps: stepCounts.map { try count(.steps, $0) }, hidden: count(.hidden, text(.hidden)),
            imageChannels: count(.imageChannels, text(.imageChannels)), coupling: coupling, pixelShift: pixelShift)
    }

    /// What `init(metadata:)` reads.
    package var metadata: [String: String] {
        let values: [GlowArchitectureError.Key: String] = [
            .format: Self.format,
            .imageChannels: String(imageChannels),
            .levels: String(levels),
            .steps: steps.map(String.init).joined(separator: ","),
            .hidden: String(hidden),
            .coupling: coupling.rawValue,
            .pixelShift: String(pixelShift),
        ]
        return Dictionary(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) })
    }
}

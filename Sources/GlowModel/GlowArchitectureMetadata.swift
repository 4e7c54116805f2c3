/// The architecture as `__metadata__` of a model file states it.
extension GlowArchitecture {
    /// The formats that are read: version 1 for what is `isStandard`, version 2 for all else.
    package static let formats = ["reglow-glow/1", "reglow-glow/2"]
    /// The format of a model file that holds it.
    package var format: String { Self.formats[isStandard ? 0 : 1] }
    /// What only version 2 may state; version 1 would not heed it.
    static let keysOfVersion2: [GlowArchitectureError.Key] = [.affineOrder, .scaleMap, .split, .squeeze]

    /// Keys of the metadata beside those of the architecture are not looked at. What only the tensors tell is not known yet.
    ///
    /// - Throws: `GlowArchitectureError` for the first key that is missing, not written as a number where it must be one, has a value that
    ///   the format does not know, is out of bounds, or is stated in version 1 and belongs to version 2.
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
        guard let version = Self.formats.firstIndex(of: format) else {
            let known = Self.formats.map { "\"\($0)\"" }.joined(separator: " or ")
            throw GlowArchitectureError(.format, "is \(ModelFileError.quoted(format)), expected \(known)")
        }
        if version == 0, let key = Self.keysOfVersion2.first(where: { metadata[$0.rawValue] != nil }) {
            throw GlowArchitectureError(key, "is for \"\(Self.formats[1])\", but the format is \"\(format)\"")
        }
        func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: GlowArchitectureError.Key, _ text: String) throws -> Choice {
            guard let choice = Choice(rawValue: text) else {
                let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw GlowArchitectureError(key, "is \(ModelFileError.quoted(text)), expected one of \(known)")
            }
            return choice
        }
        func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: GlowArchitectureError.Key, default standard: Choice) throws
            -> Choice
        {
            try metadata[key.rawValue].map { try choice(key, $0) } ?? standard
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
        let squeezes: [GlowVariant.SqueezeOrder] =
            try metadata[GlowArchitectureError.Key.squeeze.rawValue].map { words in
                try words.split(separator: ",", maxSplits: levels, omittingEmptySubsequences: false).map {
                    try choice(.squeeze, String($0))
                }
            } ?? []
        let variant = GlowVariant(
            affineOrder: try choice(.affineOrder, default: .shiftFirst), scaleMap: try choice(.scaleMap, default: .sigmoid),
            split: try choice(.split, default: .first), squeezes: squeezes)
        guard squeezes.isEmpty || squeezes.count == levels else {
            throw GlowArchitectureError(.squeeze, "must have one word for each of the \(levels) levels")
        }
        try self.init(
            steps: stepCounts.map { try count(.steps, $0) }, hidden: count(.hidden, text(.hidden)),
            imageChannels: count(.imageChannels, text(.imageChannels)), coupling: coupling, pixelShift: pixelShift,
            variant: variant)
    }

    /// The same with what the tensors of a model file tell.
    ///
    /// - Throws: `GlowArchitectureError` for tensors that do not fit the rest.
    func having(stepTensors: [[Set<OptionalStepTensor>]], priors: [LevelPriorForm?]) throws -> GlowArchitecture {
        try GlowArchitecture(
            steps: steps, hidden: hidden, imageChannels: imageChannels, coupling: coupling, pixelShift: pixelShift,
            variant: variant.having(stepTensors: stepTensors, priors: priors))
    }

    /// What `init(metadata:)` reads.
    package var metadata: [String: String] {
        var values: [GlowArchitectureError.Key: String] = [
            .format: format,
            .imageChannels: String(imageChannels),
            .levels: String(levels),
            .steps: steps.map(String.init).joined(separator: ","),
            .hidden: String(hidden),
            .coupling: coupling.rawValue,
            .pixelShift: String(pixelShift),
        ]
        if !isStandard {
            values[.affineOrder] = variant.affineOrder.rawValue
            values[.scaleMap] = variant.scaleMap.rawValue
            values[.split] = variant.split.rawValue
            values[.squeeze] = (0 ..< levels).map { variant.squeeze(level: $0).rawValue }.joined(separator: ",")
        }
        return Dictionary(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) })
    }
}

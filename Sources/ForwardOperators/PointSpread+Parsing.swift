extension PointSpread {
    /// A point spread from its short text: `uniform:SIZE`, `gaussian:SIGMA` or `motion:LENGTH@DEGREES`.
    ///
    /// Nil when the text does not begin with one of these names and a colon: then it may be the name of a file, which is for
    /// the caller to read.
    ///
    /// - Throws: `OperatorError.outOfRange` when the parameters after the colon are missing, no numbers, or not allowed.
    public init?(parsing text: String) throws {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let parameters = text[text.index(after: colon)...]
        switch text[..<colon] {
        case "uniform":
            guard let size = Int(parameters) else { throw unreadable(text, asking: "uniform:SIZE, SIZE a whole number") }
            self = try .uniform(size)
        case "gaussian":
            guard let sigma = Double(parameters) else { throw unreadable(text, asking: "gaussian:SIGMA, SIGMA a number") }
            self = try .gaussian(sigma: sigma)
        case "motion":
            let numbers = parameters.split(separator: "@", omittingEmptySubsequences: false).map { Double($0) }
            guard numbers.count == 2, let length = numbers[0], let angle = numbers[1] else {
                throw unreadable(text, asking: "motion:LENGTH@DEGREES, two numbers")
            }
            self = try .motion(length: length, angleDegrees: angle)
        default:
            return nil
        }
    }
}

private func unreadable(_ text: String, asking form: String) -> OperatorError {
    .outOfRange(parameter: "the point spread", value: "'\(text)'", allowed: form)
}

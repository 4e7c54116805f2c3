import Files

extension PointSpread {
    /// The forms of the short text, each with what it makes.
    public static let forms: [(form: String, meaning: String)] = [
        ("uniform:SIZE", "the mean over SIZE x SIZE pixels"),
        ("gaussian:SIGMA", "a Gaussian, its standard deviation in pixels"),
        ("gaussian:ALONG,ACROSS@DEGREES", "a long Gaussian, ALONG being the deviation in the direction DEGREES"),
        ("motion:LENGTH@DEGREES", "a straight motion, 0 degrees horizontal, counter-clockwise"),
        ("disk:RADIUS", "a lens out of focus"),
        ("airy:RADIUS", "diffraction, RADIUS that of the first dark ring"),
    ]

    /// A point spread from its short text, one of `forms`.
    ///
    /// Nil when the text does not begin with one of these names and a colon: then it may be the name of a file, which is for
    /// the caller to read, or a form that is misspelt, for which there is `suggestion(for:)`.
    ///
    /// - Throws: `OperatorError.outOfRange` when the parameters after the colon are missing, no numbers, or not allowed.
    public init?(parsing text: String) throws(OperatorError) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let parameters = text[text.index(after: colon)...]
        let numbers = parameters.split(separator: "@", omittingEmptySubsequences: false).map { Double($0) }
        switch text[..<colon] {
        case "uniform":
            guard let size = Int(parameters) else { throw unreadable(text, asking: "uniform:SIZE, SIZE a whole number") }
            self = try .uniform(size)
        case "gaussian":
            if numbers.count == 1, let sigma = numbers[0] {
                self = try .gaussian(sigma: sigma)
                return
            }
            let parts = parameters.split(separator: "@", omittingEmptySubsequences: false)
            let deviations = parts[0].split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
            guard parts.count == 2, deviations.count == 2, let along = deviations[0], let across = deviations[1], let angle = numbers[1]
            else {
                throw unreadable(
                    text, asking: "gaussian:SIGMA, SIGMA a number with a decimal point, or gaussian:ALONG,ACROSS@DEGREES, three numbers")
            }
            self = try .gaussian(along: along, across: across, angleDegrees: angle)
        case "motion":
            guard numbers.count == 2, let length = numbers[0], let angle = numbers[1] else {
                throw unreadable(text, asking: "motion:LENGTH@DEGREES, two numbers")
            }
            self = try .motion(length: length, angleDegrees: angle)
        case "disk":
            guard numbers.count == 1, let radius = numbers[0] else {
                throw unreadable(text, asking: "disk:RADIUS, RADIUS a number of pixels")
            }
            self = try .disk(radius: radius)
        case "airy":
            guard numbers.count == 1, let radius = numbers[0] else {
                throw unreadable(text, asking: "airy:RADIUS, RADIUS a number of pixels, that of the first dark ring")
            }
            self = try .airy(firstZero: radius)
        default:
            return nil
        }
    }

    /// What somebody may have meant who wrote this text, which is no form: the text with the right word where it can then be parsed, else
    /// the form; nil where no word is near.
    public static func suggestion(for text: String) -> String? {
        let word = String(text.prefix { $0.isLetter })
        guard let form = form(near: word.lowercased()) else { return nil }
        let mended = form.prefix { $0 != ":" } + text.dropFirst(word.count)
        let isForm = (try? PointSpread(parsing: String(mended))) != nil
        return isForm ? String(mended) : form
    }

    private static func form(near word: String) -> String? {
        guard !word.isEmpty else { return nil }
        let names = forms.map { form in (name: String(form.form.prefix { $0 != ":" }), form: form.form) }
        if let other = otherWords[word] { return names.first { $0.name == other }?.form }
        return NearestWord.to(word, among: names.map(\.name)).flatMap { near in names.first { $0.name == near }?.form }
    }

    /// Other words for the forms, as other programs have them.
    private static let otherWords = [
        "disc": "disk", "defocus": "disk", "pillbox": "disk", "circle": "disk", "bokeh": "disk", "focus": "disk", "box": "uniform",
        "mean": "uniform", "average": "uniform", "square": "uniform", "flat": "uniform", "gauss": "gaussian", "normal": "gaussian",
        "line": "motion", "linear": "motion", "diffraction": "airy",
    ]
}

private func unreadable(_ text: String, asking form: String) -> OperatorError {
    .outOfRange(parameter: "the point spread", value: "'\(text)'", allowed: form)
}

import Files

/// What a checkpoint does not say about its model: each is nil where it is to be found out, or has no choice.
public struct ImportSettings: Hashable, Sendable {
    /// How glowip's squeezes order the channels.
    public enum Squeeze: String, CaseIterable, Sendable {
        /// The 2x2 pixels of a channel become four channels.
        case interleaved
        /// The numbers in memory order are read as another shape, as by the code before July 2020.
        case contiguous
        /// As `contiguous`, but for the last level, as by later code that is told so.
        case contiguousButLast = "contiguous-but-last"
    }

    /// The scale s of normflows' affine couplings, of the raw number r.
    public enum ScaleMap: String, CaseIterable, Sendable {
        /// 1 / (1 + e^(-r - 2))
        case sigmoid
        /// e^-r
        case exp
        /// 1 + e^(-r - 2)
        case inverseSigmoid = "inverse-sigmoid"
    }

    /// What mixes the channels of a model of y0ast or chaiyujin without 1x1 convolutions.
    public enum Permutation: String, CaseIterable, Sendable {
        /// Their order is reversed.
        case reverse
    }

    /// How the channels are squeezed: glowip.
    public var squeeze: Squeeze?
    /// What is added to the scales of the last step: glowip, affine.
    public var lastOffset: Double?
    /// What is added to the scales of all other steps: glowip, affine.
    public var scaleOffset: Double?
    /// The scale of affine couplings: normflows.
    public var scaleMap: ScaleMap?
    /// What stands in for the 1x1 convolutions: y0ast, chaiyujin.
    public var permutation: Permutation?
    /// The class of a class-conditional model: y0ast, chaiyujin, normflows, openai.
    public var imageClass: Int?
    /// What the family's code fed its network for a pixel value u: u - 0.5 + this. All families have one; this overrides it.
    public var inputOffset: Double?

    /// Makes settings that leave everything open.
    public init() {}

    /// The names of the settings, as `set` takes them.
    public enum Key: String, CaseIterable, Sendable {
        /// See the properties of `ImportSettings`.
        case squeeze, permutation
        /// See `ImportSettings.lastOffset`.
        case lastOffset = "last-offset"
        /// See `ImportSettings.scaleOffset`.
        case scaleOffset = "scale-offset"
        /// See `ImportSettings.scaleMap`.
        case scaleMap = "scale-map"
        /// See `ImportSettings.imageClass`.
        case imageClass = "class"
        /// See `ImportSettings.inputOffset`.
        case inputOffset = "input-offset"

        /// The families whose files leave it open.
        var families: [CheckpointFamily] {
            switch self {
            case .squeeze, .lastOffset, .scaleOffset: [.glowip]
            case .scaleMap: [.normflows]
            case .permutation: [.y0ast, .chaiyujin]
            case .imageClass: [.y0ast, .chaiyujin, .normflows, .openai]
            case .inputOffset: CheckpointFamily.allCases
            }
        }
    }

    /// Sets one by its name, `squeeze=contiguous`.
    ///
    /// - Throws: `ImportSettingError` for a name that is none, a value that it cannot have, and a name that has been set already.
    public mutating func set(_ assignment: String) throws(ImportSettingError) {
        guard let equals = assignment.firstIndex(of: "=") else { throw ImportSettingError(assignment, "is not of the form KEY=VALUE") }
        let name = String(assignment[..<equals])
        let value = String(assignment[assignment.index(after: equals)...])
        guard let key = Key(rawValue: name) else {
            let near = NearestWord.to(name, among: Key.allCases.map(\.rawValue)).map { ". Did you mean '\($0)'?" } ?? ""
            throw ImportSettingError(name, "is none of \(Key.allCases.map(\.rawValue).joined(separator: ", "))\(near)")
        }
        guard !assigned.contains(where: { $0.key == key }) else { throw ImportSettingError(name, "is set twice") }
        switch key {
        case .squeeze: squeeze = try Self.word(name, value)
        case .scaleMap: scaleMap = try Self.word(name, value)
        case .permutation: permutation = try Self.word(name, value)
        case .lastOffset: lastOffset = try Self.number(name, value, in: 0 ... 100)
        case .scaleOffset: scaleOffset = try Self.number(name, value, in: 0 ... 100)
        case .inputOffset: inputOffset = try Self.number(name, value, in: -100 ... 100)
        case .imageClass:
            guard let number = Int(value), (0 ..< 1 << 24).contains(number) else {
                throw ImportSettingError(name, "is '\(value)', which is no class number")
            }
            imageClass = number
        }
    }

    /// Settings as `text` has them: `squeeze=contiguous, last-offset=0`. An empty text sets nothing.
    ///
    /// - Throws: as `set`.
    public init(_ text: String) throws(ImportSettingError) {
        for part in text.split(separator: ",", omittingEmptySubsequences: !text.contains(",")) {
            let words = part.split(separator: " ", omittingEmptySubsequences: true)
            try set(words.joined(separator: " "))
        }
    }

    /// Those that are set, with their values as `set` takes them.
    var assigned: [(key: Key, value: String)] {
        let all: [(Key, String?)] = [
            (.squeeze, squeeze?.rawValue), (.lastOffset, lastOffset.map(Self.written)), (.scaleOffset, scaleOffset.map(Self.written)),
            (.scaleMap, scaleMap?.rawValue), (.permutation, permutation?.rawValue), (.imageClass, imageClass.map(String.init)),
            (.inputOffset, inputOffset.map(Self.written)),
        ]
        return all.compactMap { key, value in value.map { (key, $0) } }
    }

    /// As `--set` takes them, comma-separated; empty where nothing is set.
    public var text: String { assigned.map { "\($0.key.rawValue)=\($0.value)" }.joined(separator: ", ") }

    /// A number without a fraction that says nothing.
    static func written(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e6 ? String(Int(number)) : String(number)
    }

    private static func word<Word: RawRepresentable & CaseIterable>(_ name: String, _ value: String) throws(ImportSettingError) -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: value) else {
            let words = Word.allCases.map(\.rawValue)
            let near = NearestWord.to(value, among: words).map { ". Did you mean '\($0)'?" } ?? ""
            throw ImportSettingError(name, "is '\(value)', which is none of \(words.joined(separator: ", "))\(near)")
        }
        return word
    }

    private static func number(_ name: String, _ value: String, in bounds: ClosedRange<Double>) throws(ImportSettingError) -> Double {
        guard let number = Double(value), bounds.contains(number) else {
            let (least, most) = (written(bounds.lowerBound), written(bounds.upperBound))
            throw ImportSettingError(name, "is '\(value)', which is no number from \(least) to \(most)")
        }
        return number
    }
}

/// A setting of an import that cannot be.
public struct ImportSettingError: ReglowError, Hashable {
    /// The name of the setting, as it was given.
    public let name: String
    /// What is wrong with it.
    public let reason: String

    init(_ name: String, _ reason: String) {
        self.name = name
        self.reason = reason
    }

    public var category: ReglowErrorCategory { .option(name: name) }

    public var description: String { "\(name.isEmpty ? "a setting without a name" : name): \(reason)" }
}

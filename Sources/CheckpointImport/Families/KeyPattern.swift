/// The names of tensors that differ in numbers only, such as `blocks.{}.flows.{}.invconv.weight`.
struct KeyPattern {
    private let separator: Character
    private let parts: [Substring]

    /// - Parameter text: parts with separators between them; a part `{}` is a number.
    init(_ text: StaticString, separator: Character = ".") {
        self.separator = separator
        parts = "\(text)".split(separator: separator).map { Substring($0) }
    }

    /// No family has longer names, whatever stands before them; parts take memory.
    private static let longestKey = 512

    /// The numbers of a key that ends as the pattern says, and what stands before that.
    func match(_ key: String) -> (prefix: String, numbers: [Int])? {
        guard key.utf8.count <= Self.longestKey else { return nil }
        let keyParts = key.split(separator: separator, omittingEmptySubsequences: false)
        guard keyParts.count >= parts.count else { return nil }
        var numbers: [Int] = []
        for (part, keyPart) in zip(parts.reversed(), keyParts.reversed()) {
            if part == "{}" {
                guard let number = Self.number(keyPart) else { return nil }
                numbers.append(number)
            } else if part != keyPart {
                return nil
            }
        }
        let rest = keyParts.dropLast(parts.count)
        return (rest.map { $0 + String(separator) }.joined(), numbers.reversed())
    }

    /// A number as programs write it: no sign, no leading zero, at most six digits.
    private static func number(_ text: Substring) -> Int? {
        guard (1 ... 6).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30 ... 0x39).contains($0) }),
            text == "0" || text.utf8.first != 0x30
        else { return nil }
        return Int(text)
    }
}

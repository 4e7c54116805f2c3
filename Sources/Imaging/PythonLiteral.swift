/// Reads the dictionary in the header of a NumPy file: the little of Python's literals that it uses.
///
/// Every method skips spaces and line feeds first, and either reads one thing or returns nil (false) for a damaged header.
struct PythonLiteral {
    private var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) {
        rest = text
    }

    /// The whole text as `{'descr': string, 'fortran_order': boolean, 'shape': tuple}`, the keys in any order.
    mutating func headerFields() -> (type: String, isFortranOrder: Bool, shape: [Int])? {
        var type: String?
        var isFortranOrder: Bool?
        var shape: [Int]?
        guard take("{") else { return nil }
        while !take("}") {
            guard let key = string(), take(":") else { return nil }
            switch key {
            case "descr" where type == nil: type = string()
            case "fortran_order" where isFortranOrder == nil: isFortranOrder = boolean()
            case "shape" where shape == nil: shape = tuple()
            default: return nil
            }
            guard take(",") || next == UInt8(ascii: "}") else { return nil }
        }
        guard next == nil, let type, let isFortranOrder, let shape else { return nil }
        return (type, isFortranOrder, shape)
    }

    /// The first byte that is not white space.
    private var next: UInt8? {
        mutating get {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
            return rest.first
        }
    }

    /// Moves past `mark` where it comes next.
    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: mark) else { return false }
        rest.removeFirst()
        return true
    }

    /// A string in single or double quotes, without escapes.
    private mutating func string() -> String? {
        guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
            let end = rest.dropFirst().firstIndex(of: quote)
        else { return nil }
        let content = rest[(rest.startIndex + 1) ..< end]
        rest = rest[(end + 1)...]
        return content.contains(UInt8(ascii: "\\")) ? nil : String(decoding: content, as: UTF8.self)
    }

    private mutating func boolean() -> Bool? {
        guard next != nil else { return nil }
        for (word, value) in [("True", true), ("False", false)] where rest.starts(with: word.utf8) {
            rest = rest.dropFirst(word.utf8.count)
            return value
        }
        return nil
    }

    /// `()`, `(5,)` or `(3, 4)`, with a comma after the last number or not.
    private mutating func tuple() -> [Int]? {
        var numbers: [Int] = []
        guard take("(") else { return nil }
        while !take(")") {
            guard next != nil else { return nil }
            let digits = rest.prefix { $0 == UInt8(ascii: "-") || (UInt8(ascii: "0") ... UInt8(ascii: "9")).contains($0) }
            guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
            numbers.append(number)
            rest = rest.dropFirst(digits.count)
            guard take(",") || next == UInt8(ascii: ")") else { return nil }
        }
        return numbers
    }
}

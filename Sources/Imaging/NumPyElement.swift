/// The element type of a NumPy file, such as `<f4`: byte order, kind and size in bytes.
struct NumPyElement: Hashable {
    enum Kind: Character {
        case float = "f"
        case unsigned = "u"
        case signed = "i"
        case boolean = "b"
    }

    let kind: Kind
    /// Bytes of one element.
    let size: Int
    let isBigEndian: Bool
    /// The type as the file has it.
    let code: String

    /// Returns nil for a type that is not read.
    init?(code: String) {
        guard code.utf8.count == 3, let order = code.first, let kind = code.dropFirst().first.flatMap(Kind.init),
            let size = code.last?.wholeNumberValue, "<>|=".contains(order)
        else { return nil }
        let sizes: Set<Int> =
            switch kind {
            case .float: [2, 4, 8]
            case .unsigned, .signed: [1, 2, 4, 8]
            case .boolean: [1]
            }
        // A dash of several bytes would leave their order open; `=` is that of the machine that wrote the file.
        guard sizes.contains(size), order != "|" || size == 1, order != "=" else { return nil }
        self.kind = kind
        self.size = size
        isBigEndian = order == ">"
        self.code = code
    }

    /// The number that is white in an image of this type; nil where nothing says it.
    var white: Double? {
        switch (kind, size) {
        case (.float, _), (.boolean, _): 1
        case (.unsigned, 1): 255
        case (.unsigned, 2): 65535
        default: nil
        }
    }

    /// Why a type is not read, and what to do.
    static func refusal(of code: String) -> String {
        let kind = code.dropFirst().first
        let reason =
            switch kind {
            case "c": "complex numbers, which are no image: save its real part or its absolute value as float32"
            case "O": "Python objects, which are not read: save numpy.asarray(array, dtype='float32')"
            case "U", "S", "a": "text, not numbers"
            case "M", "m": "times, not brightness"
            case "V": "records or raw bytes: save one field as float32"
            default: "not supported: save the array as float32"
            }
        return "element type '\(code)' is \(reason)"
    }

    /// The number of the bits of one element.
    func value(_ bits: UInt64) -> Double {
        switch (kind, size) {
        case (.float, 2): Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
        case (.float, 4): Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case (.float, _): Double(bitPattern: bits)
        case (.boolean, _): bits == 0 ? 0 : 1
        case (.unsigned, _): Double(bits)
        case (.signed, _): Double(Int64(truncatingIfNeeded: bits << UInt64(64 - 8 * size)) >> Int64(64 - 8 * size))
        }
    }
}

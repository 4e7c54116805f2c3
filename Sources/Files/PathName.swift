import Glibc

/// File names as Swift strings that lose nothing.
///
/// A name on Linux is any bytes; a `String` holds UTF-8 only, and would put U+FFFD in the place of a byte that is not. Here such a byte
/// 0x80 ... 0xFF becomes the scalar U+10FE00 + byte of the last private plane, and goes back to the byte where a system call takes
/// the name. A name that holds one of these scalars in UTF-8 has its four bytes treated so as well, so no two names become the same
/// string. Wherever a name is shown, `shown` writes `\xe9` for such a byte.
package enum PathName {
    private static let base: UInt32 = 0x10FE00
    private static let escapes: ClosedRange<UInt32> = base + 0x80 ... base + 0xFF

    /// The string of a name.
    package static func decode(_ bytes: some Collection<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self), !hasEscape(text) { return text }
        var scalars = String.UnicodeScalarView()
        var rest = Array(bytes)[...]
        var parser = Unicode.UTF8.ForwardParser()
        while !rest.isEmpty {
            var iterator = rest.makeIterator()
            let length: Int
            if case .valid(let encoded) = parser.parseScalar(from: &iterator), !isEscape(Unicode.UTF8.decode(encoded)) {
                length = encoded.count
                scalars.append(Unicode.UTF8.decode(encoded))
            } else {
                length = isEscaped(rest) ? 4 : 1
                for byte in rest.prefix(length) { scalars.append(escape(byte)) }
            }
            parser = Unicode.UTF8.ForwardParser()
            rest = rest.dropFirst(length)
        }
        return String(scalars)
    }

    /// Whether there is a scalar that stands for a byte. All of these begin with the same byte in UTF-8.
    private static func hasEscape(_ text: String) -> Bool {
        text.utf8.contains(0xF4) && text.unicodeScalars.contains(where: isEscape)
    }

    /// The string of a name that ends with a zero byte.
    package static func decode(cString: UnsafePointer<CChar>) -> String {
        UnsafeRawBufferPointer(start: cString, count: strlen(cString)).withMemoryRebound(to: UInt8.self) { decode($0) }
    }

    /// The bytes that the name has in the file system.
    package static func bytes(of path: String) -> [UInt8] {
        guard hasEscape(path) else { return Array(path.utf8) }
        return path.unicodeScalars.flatMap { scalar in
            isEscape(scalar) ? [UInt8(truncatingIfNeeded: scalar.value)] : Array(UTF8.encode(scalar) ?? UTF8.EncodedScalar())
        }
    }

    /// Calls `body` with the name as a system call takes it.
    package static func withSystemPath<Result>(_ path: String, _ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        let characters = (bytes(of: path) + [0]).map { CChar(bitPattern: $0) }
        return try characters.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return try path.withCString(body) }
            return try body(base)
        }
    }

    /// A name for people: bytes that are not UTF-8 and control characters as `\xe9` and `\x0a`.
    package static func shown(_ path: String) -> String {
        guard path.unicodeScalars.contains(where: { isEscape($0) || isControl($0) }) else { return path }
        return path.unicodeScalars.reduce(into: "") { text, scalar in
            if isEscape(scalar) || isControl(scalar) {
                text += hexadecimal(scalar, backslash: "\\")
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    /// A text in which names stand, with `\xe9` for each byte that is not UTF-8; `backslash` is how the text writes that sign.
    package static func shown(inText text: String, backslash: String = "\\") -> String {
        guard hasEscape(text) else { return text }
        return text.unicodeScalars.reduce(into: "") { shown, scalar in
            if isEscape(scalar) {
                shown += hexadecimal(scalar, backslash: backslash)
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar, backslash: String) -> String {
        let digits = String(scalar.value & 0xFF, radix: 16)
        return backslash + "x" + (digits.utf8.count == 1 ? "0" : "") + digits
    }

    private static func isEscape(_ scalar: Unicode.Scalar) -> Bool { escapes.contains(scalar.value) }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 0x20 || scalar.value == 0x7F }

    private static func escape(_ byte: UInt8) -> Unicode.Scalar { Unicode.Scalar(base + UInt32(byte)) ?? "\u{FFFD}" }

    /// Whether the bytes begin with the UTF-8 of an escape.
    private static func isEscaped(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let scalar = String(validating: bytes.prefix(4), as: UTF8.self)?.unicodeScalars.first else { return false }
        return isEscape(scalar)
    }
}

import Glibc

/// Numbers as text, in the notations of C's `printf`. The decimal point is a point whatever the locale, since the program never sets one.
extension Double {
    /// The number with `decimals` digits after the point, as `%.*f` writes it.
    package func fixed(_ decimals: Int) -> String { text("%.*f", decimals) }

    /// The number with `digits` significant digits and no zeros at the end, in the shorter of the two notations, as `%.*g` writes it.
    package func general(_ digits: Int) -> String { text("%.*g", digits) }

    /// Seconds as a time that somebody waits, rounded up: `1 s`, `26 s`, `4 min`, `2.5 h`.
    package var asDuration: String {
        if self < 1 { return "1 s" }
        if self < 100 { return "\(Int(rounded(.up))) s" }
        if self < 6000 { return "\(Int((self / 60).rounded(.up))) min" }
        return "\((min(self, 1e9) / 3600).fixed(1)) h"
    }

    /// The number with an exponent and `decimals` digits after the point, as `%.*e` writes it.
    package func scientific(_ decimals: Int) -> String { text("%.*e", decimals) }

    private func text(_ format: String, _ digits: Int) -> String {
        withVaList([Int32(digits), self]) { arguments in
            // The largest number has 309 digits before the point.
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
                guard let start = buffer.baseAddress else { return "" }
                vsnprintf(start, buffer.count, format, arguments)
                return String(cString: start)
            }
        }
    }
}

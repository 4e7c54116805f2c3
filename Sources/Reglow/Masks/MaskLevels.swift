import Files

/// Which of the numbers of a mask mean white, that is known, and which black, that is missing.
///
/// Masks come as 0 and 255, 0 and 1, false and true, 0 and 65535, or as grey of any softness. Where there are two values only, they say it
/// themselves, whatever they are. Otherwise white is 1, or the largest value where one is above 1, and a number is known above a part
/// of it.
struct MaskLevels {
    /// Known above it.
    let threshold: Float
    /// What somebody should know who made the mask.
    let remark: String?

    /// - Parameters:
    ///   - numbers: at least one, all finite.
    ///   - part: of white, above which a number is known, where there are more than two values.
    /// - Throws: `MaskError.noLevel` where none would be known.
    init(_ numbers: some Collection<Float>, part: Float) throws {
        var values: Set<Float> = []
        for number in numbers where values.count < 3 { values.insert(number) }
        let lowest = numbers.min() ?? 0
        let highest = numbers.max() ?? 0
        let white = max(highest, 1)
        if values.count == 2 {
            threshold = lowest + (highest - lowest) / 2
            let isPlain = abs(lowest) < 0.02 && abs(highest - 1) < 0.02
            remark = isPlain ? nil : "has the values \(Self.text(lowest)) and \(Self.text(highest)) only: the larger is taken as known"
            return
        }
        guard highest > part * white else { throw MaskError.noLevel(largest: Self.text(highest)) }
        threshold = part * white
        let between = numbers.count { abs($0) > 0.05 * white && abs($0 - white) > 0.05 * white }
        var remarks: [String] = []
        if highest > 1.02 { remarks.append("has values up to \(Self.text(highest)), which is taken as white") }
        if between > 0 {
            remarks.append(
                """
                has \(between) of \(numbers.count) values between black and white: above \(Self.text(threshold)) they count as known \
                (--mask-threshold sets it)
                """)
        }
        remark = remarks.isEmpty ? nil : remarks.joined(separator: "; ")
    }

    /// A number, as the step of an 8 or 16 bit file too where it is one of the first.
    private static func text(_ number: Float) -> String {
        for largest: Float in [255, 65535] {
            let step = (number * largest).rounded()
            if step >= 1, step <= 16, abs(number * largest - step) < 1e-3 { return "\(number) (\(Int(step)) of \(Int(largest)))" }
        }
        return number == number.rounded() && abs(number) < 1e6 ? "\(Int(number))" : "\(number)"
    }
}

/// Why a picture is no mask.
package enum MaskError: ReglowError, Equatable {
    /// All of it is missing.
    case keepsNothing
    /// No value reaches the part of white above which it would be known.
    case noLevel(largest: String)
    /// The alpha channel that was asked for is not there, or says nothing.
    case noAlpha
    case opaqueAlpha
    /// The alpha channel of a picture is not that of a measurement of this size.
    case otherSize(Problem.ImageSize)

    package var category: ReglowErrorCategory { .problem }

    package var description: String {
        switch self {
        case .keepsNothing:
            "the mask keeps no pixel: white, or opaque, is known, and nothing is (--mask-inverted takes white as missing)"
        case .noLevel(let largest):
            "the mask keeps no pixel: above half of white is known, and its largest value is \(largest)"
        case .noAlpha: "has no alpha channel, which --mask alpha asks for"
        case .otherSize(let size): "its alpha channel is the mask, but the measurement is \(size) (height x width)"
        case .opaqueAlpha: "is opaque everywhere, so that --mask alpha finds no pixel missing"
        }
    }
}

/// The orientation in Exif data, and the data for an image that has been turned upright.
///
/// Exif data is a TIFF file without pixels: a byte order mark, and from an offset in bytes 4 to 7 directories of entries of 12 bytes
/// (tag, type, count, value). Only numbers in their place are changed, because makers' notes hold offsets of their own. The data can
/// be hostile: nothing is believed before it is checked.
struct ExifData {
    private(set) var bytes: [UInt8]
    private let isLittleEndian: Bool

    private enum Tag {
        static let orientation = 0x0112
        static let thumbnail = 0x0201
        static let thumbnailLength = 0x0202
    }

    private static let shortType = 3

    /// Returns nil when the data is not Exif, or its first directory is not inside of it.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 8 else { return nil }
        switch Array(bytes[..<4]) {
        case [0x49, 0x49, 42, 0]: isLittleEndian = true
        case [0x4D, 0x4D, 0, 42]: isLittleEndian = false
        default: return nil
        }
        self.bytes = bytes
        guard let first = number(at: 4, count: 4), number(at: first, count: 2) != nil else { return nil }
    }

    /// 1 where the data does not say.
    var orientation: Int {
        guard let place = orientationPlace, let value = number(at: place, count: 2), (1 ... 8).contains(value) else { return 1 }
        return value
    }

    /// The data with the orientation 1, and without the thumbnail, which shows the image as it was.
    func upright() -> ExifData {
        var result = self
        if let place = orientationPlace {
            result.bytes[place] = isLittleEndian ? 1 : 0
            result.bytes[place + 1] = isLittleEndian ? 0 : 1
        }
        guard let first = number(at: 4, count: 4), let count = number(at: first, count: 2) else { return result }
        let next = first + 2 + 12 * count
        guard let second = number(at: next, count: 4), second != 0 else { return result }
        for byte in 0 ..< 4 { result.bytes[next + byte] = 0 }
        if let start = entry(Tag.thumbnail, in: second).flatMap({ number(at: $0 + 8, count: 4) }),
            let length = entry(Tag.thumbnailLength, in: second).flatMap({ number(at: $0 + 8, count: 4) }),
            start >= next + 4, start < bytes.count
        {
            for place in start ..< min(start + length, bytes.count) { result.bytes[place] = 0 }
        }
        return result
    }

    /// Says where the two bytes of the orientation stand.
    private var orientationPlace: Int? {
        guard let first = number(at: 4, count: 4), let entry = entry(Tag.orientation, in: first),
            number(at: entry + 2, count: 2) == Self.shortType
        else { return nil }
        return entry + 8
    }

    /// Returns where the entry of a tag begins in the directory at `offset`; all of its 12 bytes are inside of the data.
    private func entry(_ tag: Int, in offset: Int) -> Int? {
        guard let count = number(at: offset, count: 2) else { return nil }
        return (0 ..< count).lazy.map { offset + 2 + 12 * $0 }.prefix { $0 + 12 <= bytes.count }
            .first { number(at: $0, count: 2) == tag }
    }

    /// The unsigned number of `count` bytes at an offset, nil outside of the data.
    private func number(at offset: Int, count: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - count else { return nil }
        let digits = bytes[offset ..< offset + count]
        return (isLittleEndian ? Array(digits.reversed()) : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
    }
}

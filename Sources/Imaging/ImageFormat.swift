/// The formats of image files that are read.
public enum ImageFormat: String, CaseIterable, Sendable {
    /// The formats that are read.
    case png, jpeg, tiff, webP, numPy

    /// Returns the name that users know it by.
    public var name: String {
        switch self {
        case .png: "PNG"
        case .jpeg: "JPEG"
        case .tiff: "TIFF"
        case .webP: "WebP"
        case .numPy: "NumPy"
        }
    }

    /// The endings of file names, in lower case, without their dot; the first is the one that is given to new files.
    public var endings: [String] {
        switch self {
        case .png: ["png"]
        case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
        case .tiff: ["tif", "tiff"]
        case .webP: ["webp"]
        case .numPy: ["npy"]
        }
    }

    /// Whether files of the format can be written.
    public var isWritten: Bool {
        switch self {
        case .png, .tiff, .numPy: true
        case .jpeg, .webP: false
        }
    }

    /// The format to which a name's ending belongs, in upper or lower case.
    public init?(ending: String) {
        let lowercased = ending.lowercased()
        guard let format = Self.allCases.first(where: { $0.endings.contains(lowercased) }) else { return nil }
        self = format
    }

    /// The format of a file that begins so.
    public init?(head: some Collection<UInt8>) {
        let head = Array(head.prefix(12))
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if head.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if Self.tiffMarks.contains(where: head.starts(with:)) {
            self = .tiff
        } else if head.count == 12, head.starts(with: Array("RIFF".utf8)), head.suffix(4).elementsEqual(Array("WEBP".utf8)) {
            self = .webP
        } else if head.starts(with: NumPyHeader.signature) {
            self = .numPy
        } else {
            return nil
        }
    }

    /// TIFF and BigTIFF in either byte order.
    private static let tiffMarks: [[UInt8]] = [
        [0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43],
    ]

    /// All endings that are read: ".png, .jpg, ...".
    public static var readEndings: [String] { allCases.flatMap(\.endings) }
}

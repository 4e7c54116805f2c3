import Files
import Glibc

/// The size of a picture by the first bytes of its file, for plans that look at many files.
package enum PictureSize {
    /// What is read of a file.
    private static let headCount = 1 << 12
    /// Pixels of a file of which nothing is known.
    private static let unknown = 1 << 12

    /// The pixels of a picture: exactly for PNG, NumPy and most JPEG files, else by the bytes of its file. A file that cannot be read counts as a
    /// small one, since finding that out is all the work it is.
    package static func estimate(_ path: String) -> Int {
        let file = PathName.withSystemPath(path) { open($0, O_RDONLY | O_CLOEXEC) }
        guard file >= 0 else { return unknown }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return unknown }
        let head = [UInt8](unsafeUninitializedCapacity: headCount) { bytes, count in
            count = max(0, read(file, bytes.baseAddress, headCount))
        }
        if let pixels = pixels(head) { return min(max(pixels, 1), Image.maximumPixels) }
        // Compressed pictures have about a byte for a pixel of three channels.
        return max(1, min(Int(status.st_size), Image.maximumPixels))
    }

    /// The pixels that a header states; nil where there is none that is known.
    package static func pixels(_ head: [UInt8]) -> Int? {
        switch ImageFormat(head: head) {
        case .png: return head.count >= 24 ? product(number(head, 16, 4), number(head, 20, 4)) : nil
        case .jpeg: return jpegPixels(head)
        case .numPy:
            guard let header = try? NumPyHeader(head, path: "") else { return nil }
            let shape = header.shape
            switch shape.count {
            case 2: return product(shape[0], shape[1])
            case 3: return shape[0] <= 4 ? product(shape[1], shape[2]) : product(shape[0], shape[1])
            default: return nil
            }
        default: return nil
        }
    }

    /// The frame header of a JPEG file, after the segments before it.
    private static func jpegPixels(_ head: [UInt8]) -> Int? {
        var place = 2
        while place + 9 <= head.count, head[place] == 0xFF {
            let marker = head[place + 1]
            let isFrame = (0xC0 ... 0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
            if isFrame { return product(number(head, place + 5, 2), number(head, place + 7, 2)) }
            place += 2 + number(head, place + 2, 2)
        }
        return nil
    }

    private static func number(_ bytes: [UInt8], _ first: Int, _ count: Int) -> Int {
        bytes[first ..< first + count].reduce(0) { $0 << 8 | Int($1) }
    }

    /// Nil for sides that no picture has.
    private static func product(_ a: Int, _ b: Int) -> Int? {
        let (pixels, isTooLarge) = a.multipliedReportingOverflow(by: b)
        return a < 0 || b < 0 || isTooLarge ? nil : pixels
    }
}

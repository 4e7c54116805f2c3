/// Formats that are known by their first bytes, so that an error can name them, and are not read.
enum ForeignFormat {
    /// What a file that begins so is, with an article; nil where that is not known.
    static func name(ofHead head: [UInt8]) -> String? {
        if let known = marks.first(where: { head.starts(with: $0.mark) }) { return known.name }
        if head.count >= 12, head[4 ..< 8].elementsEqual(Array("ftyp".utf8)) { return brand(head[8 ..< 12]) }
        if head.count >= 262, head[257 ..< 262].elementsEqual(Array("ustar".utf8)) { return "a tar archive" }
        let text = String(decoding: head.prefix(512), as: UTF8.self).lowercased().drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") { return "an HTML page, perhaps the error of a download" }
        if text.hasPrefix("<svg") || text.hasPrefix("<?xml") && text.contains("<svg") { return "an SVG drawing" }
        if text.hasPrefix("<?xml") { return "an XML text" }
        return nil
    }

    /// The kinds of the ISO container that photographs and videos share.
    private static func brand(_ brand: ArraySlice<UInt8>) -> String {
        switch String(decoding: brand, as: UTF8.self) {
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1": "a HEIC image"
        case "avif", "avis": "an AVIF image"
        case "crx ": "a raw camera file (CR3)"
        default: "a video, or an image in its container"
        }
    }

    private static let marks: [(mark: [UInt8], name: String)] =
        [
            ("GIF87a", "a GIF image"), ("GIF89a", "a GIF image"), ("BM", "a BMP image"), ("%PDF", "a PDF document"),
            ("%!PS", "a PostScript document"), ("8BPS", "a Photoshop file"), ("gimp xcf", "a GIMP file"),
            ("#?RADIANCE", "a Radiance HDR image"), ("#?RGBE", "a Radiance HDR image"), ("SIMPLE  =", "a FITS file"),
            ("MATLAB 5.0", "a MATLAB file"), ("FUJIFILMCCD-RAW", "a raw camera file (RAF)"), ("IIU\0", "a raw camera file (RW2)"),
            ("IIRO", "a raw camera file (ORF)"), ("IIRS", "a raw camera file (ORF)"), ("FOVb", "a raw camera file (X3F)"),
            ("version https://git-lfs", "a Git LFS pointer, without the file that it stands for"),
            ("P1\n", "a PBM image"), ("P2\n", "a PGM image"), ("P3\n", "a PPM image"), ("P4\n", "a PBM image"), ("P5\n", "a PGM image"),
            ("P6\n", "a PPM image"), ("Pf\n", "a PFM image"), ("PF\n", "a PFM image"), ("qoif", "a QOI image"), ("DDS ", "a DDS image"),
            ("RIFF", "a RIFF file other than WebP"),
        ].map { (Array($0.0.utf8), $0.1) } + [
            ([0x76, 0x2F, 0x31, 0x01], "an OpenEXR image"), ([0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20], "a JPEG XL image"),
            ([0xFF, 0x0A], "a JPEG XL image"), ([0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50], "a JPEG 2000 image"),
            ([0xFF, 0x4F, 0xFF, 0x51], "a JPEG 2000 image"), ([0x00, 0x00, 0x01, 0x00], "an icon file"),
            ([0x89, 0x48, 0x44, 0x46], "an HDF5 file"), ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive (.npz is one: save one array as .npy)"),
            ([0x1F, 0x8B], "a gzip archive"), ([0x42, 0x5A, 0x68], "a bzip2 archive"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz archive"),
            ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard archive"), ([0x80, 0x02], "a Python pickle"), ([0x80, 0x04], "a Python pickle"),
            ([0x7F, 0x45, 0x4C, 0x46], "a program"),
        ]
}

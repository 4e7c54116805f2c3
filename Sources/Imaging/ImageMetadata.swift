/// What an image file says about its pixels, which goes over to the file that is made of them.
public struct ImageMetadata: Hashable, Sendable {
    /// Pixels for a unit of length, along rows and columns.
    public struct Resolution: Hashable, Sendable {
        /// The unit of length.
        public enum Unit: Sendable {
            /// Only the ratio of the two numbers means something.
            case none
            /// Pixels for each inch, centimetre or metre.
            case inch, centimetre, metre
        }

        /// Pixels for a unit along a row.
        public var horizontal: Double
        /// Pixels for a unit along a column.
        public var vertical: Double
        /// The unit of both numbers.
        public var unit: Unit

        /// A resolution from its three numbers.
        public init(horizontal: Double, vertical: Double, unit: Unit) {
            self.horizontal = horizontal
            self.vertical = vertical
            self.unit = unit
        }
    }

    /// The colour space as PNG describes it without a profile.
    public struct Colour: Hashable, Sendable {
        /// The exponent of gAMA, such as 1 / 2.2.
        public var gamma: Double?
        /// White, red, green and blue of cHRM, x and y each.
        public var chromaticities: [Double]?
        /// The rendering intent of sRGB, which says that the colours are sRGB.
        public var renderingIntent: Int?
        /// The four bytes of cICP (ITU-T H.273).
        public var codingPoints: [UInt8]?

        /// A colour space of which nothing is said.
        public init() {}
    }

    /// The format of the file; nil for an image that was not read.
    public var format: ImageFormat?
    /// The samples of the file.
    public var depth: SampleDepth
    /// The distance of neighbouring levels on the image's scale from 0 to 1, such as 1/255; nil for floats.
    public var quantization: Double?
    /// The stored number that is white where the caller said so (`NumberScale`); arrays are written on that scale again.
    public var white: Double?
    /// An ICC profile, empty where there is none.
    public var profile: [UInt8] = []
    /// Exif data for an upright image, without a thumbnail, from its byte order mark on; empty where there is none.
    public var exif: [UInt8] = []
    /// The resolution; nil where the file has none.
    public var resolution: Resolution?
    /// The colour space where there is no profile.
    public var colour = Colour()

    /// Metadata without profile, Exif data and resolution.
    public init(format: ImageFormat? = nil, depth: SampleDepth = .eight, quantization: Double? = nil, white: Double? = nil) {
        self.format = format
        self.depth = depth
        self.quantization = quantization
        self.white = white
    }

    /// The metadata of an image with so many times the pixels along a side: the same size on paper has a finer resolution.
    public func scaled(by factor: Double) -> ImageMetadata {
        var scaled = self
        scaled.resolution?.horizontal *= factor
        scaled.resolution?.vertical *= factor
        return scaled
    }

    /// The names of what is there beyond the pixels.
    var contents: [String] {
        var names: [String] = []
        if !profile.isEmpty { names.append("colour profile") }
        if colour != Colour() { names.append("colour space") }
        if resolution != nil { names.append("resolution") }
        if !exif.isEmpty { names.append("Exif data") }
        return names
    }

    /// Whether a profile may stand in an image of so many channels. Bytes 16 to 19 of a profile name its colour space (ICC.1, 7.2).
    func profileFits(channels: Int) -> Bool {
        guard profile.count >= 128 else { return false }
        let space = String(decoding: profile[16 ..< 20], as: UTF8.self)
        return channels == 1 ? !["RGB ", "CMYK"].contains(space) : !["GRAY", "CMYK"].contains(space)
    }
}

/// Samples of a file that is written.
public enum SampleDepth: Sendable {
    /// Integers of 8 or 16 bits.
    case eight, sixteen
    /// Numbers of single precision; in PNG, which has none, integers of 8 bits for an array and of 16 for a TIFF file.
    case float
}

import Files
import KernelInterface

extension NumPyArray {
    /// Decodes the bytes of a NumPy file as an image.
    ///
    /// - Throws: `FileError` that names `path`; `ImageError` for a size that no image has.
    static func image(_ bytes: [UInt8], scale: NumberScale, path: String, pixelLimit: Int) throws -> DecodedImage {
        let header = try NumPyHeader(bytes, path: path)
        let element = header.element
        let layout = try ArrayLayout(header.shape, path: path)
        try Image.validate(layout.shape)
        guard layout.shape.pixels <= pixelLimit else {
            throw ImageError.tooLarge(height: layout.shape.height, width: layout.shape.width)
        }
        guard let white = scale.white ?? element.white ?? (scale == .free ? 1 : nil) else {
            let likely = try NumPyArray(header, bytes, white: 1, path: path).values.max() ?? 0
            throw FileError(
                path: path,
                reason: "element type '\(element.code)' leaves open which number is white; its largest is \(likely): "
                    + "say it (such as --range 255), or save the array as uint8, uint16 or float32")
        }
        let array = try NumPyArray(header, bytes, white: white, path: path)
        let image = try Image(shape: layout.shape, pixels: layout.planar(array.values))
        if element.kind != .boolean { try scale.check(image, path: path) }
        let isInteger = element.kind == .unsigned || element.kind == .signed
        var notes: [String] = []
        if let hint = layout.note { notes.append(hint) }
        if isInteger, scale.white == nil, white != 1 {
            notes.append("\(element.size == 1 ? "uint8" : "uint16"), divided by \(Int(white)): 1 is white")
        }
        let metadata = ImageMetadata(
            format: .numPy, depth: .float, quantization: isInteger ? 1 / white : nil, white: scale.white)
        return DecodedImage(image: image, metadata: metadata, notes: notes)
    }
}

extension Image {
    /// An array of shape (3, H, W), (1, H, W), (H, W), (H, W, 3) or (H, W, 1) as an image; its values as they are.
    ///
    /// Where the first extent is 1 or 3, channels come first, whatever the last one is.
    ///
    /// - Throws: `FileError` that names `path`, the file of the array, for any other shape.
    package init(_ array: NumPyArray, path: String) throws {
        let layout = try ArrayLayout(array.shape, path: path)
        do {
            try self.init(shape: layout.shape, pixels: layout.planar(array.values))
        } catch {
            throw FileError(path: path, reason: "\(error)")
        }
    }
}

/// Says where the pixels of an image are in an array.
private struct ArrayLayout {
    let shape: ImageShape
    let hasChannelsLast: Bool
    /// Said where the shape could mean something else.
    let note: String?

    init(_ extents: [Int], path: String) throws {
        func isChannels(_ extent: Int) -> Bool { extent == 1 || extent == 3 }
        if extents.count == 2 {
            shape = ImageShape(channels: 1, height: extents[0], width: extents[1])
            (hasChannelsLast, note) = (false, nil)
        } else if extents.count == 3, isChannels(extents[0]) {
            shape = ImageShape(channels: extents[0], height: extents[1], width: extents[2])
            let isOpen = extents[2] == 3 && extents[1] != 3 && extents[1] != 1
            note = isOpen ? "shape \(extents) is read with channels first, as \(extents[1])x3 pixels" : nil
            hasChannelsLast = false
        } else if extents.count == 3, isChannels(extents[2]) {
            shape = ImageShape(channels: extents[2], height: extents[0], width: extents[1])
            (hasChannelsLast, note) = (true, nil)
        } else {
            throw FileError(
                path: path,
                reason: "shape \(extents) is not an image: (H, W), (3, H, W), (1, H, W), (H, W, 3) or (H, W, 1) is\(Self.hint(extents))")
        }
    }

    private static func hint(_ extents: [Int]) -> String {
        switch extents.count {
        case 1: "; give a row of numbers its height and width with array.reshape"
        case 3 where extents[0] == 4: "; leave alpha out with array[:3]"
        case 3 where extents[2] == 4: "; leave alpha out with array[..., :3]"
        case 4 where extents[0] == 1: "; save array[0]"
        case 4: "; save one image of the \(extents[0]) at a time"
        default: ""
        }
    }

    func planar(_ values: [Float]) -> [Float] {
        guard hasChannelsLast, shape.channels > 1 else { return values }
        return [Float](unsafeUninitializedCapacity: values.count) { pixels, count in
            for channel in 0 ..< shape.channels {
                for pixel in 0 ..< shape.pixels {
                    pixels[channel * shape.pixels + pixel] = values[pixel * shape.channels + channel]
                }
            }
            count = values.count
        }
    }
}

import KernelInterface

/// How an image lies in its file: the values of tag 274 of TIFF and Exif.
///
/// The value says where row 0 and column 0 of the file belong: 1 top and left, 2 top and right, 3 bottom and right, 4 bottom and
/// left, 5 left and top, 6 right and top, 7 right and bottom, 8 left and bottom.
enum Orientation: Int {
    case upright = 1, mirrored, upsideDown, flipped, transposed, turnedLeft, transversed, turnedRight

    /// Whether rows of the file are columns of the upright image.
    var swapsSides: Bool { rawValue >= 5 }

    /// The image of the file as it is to be seen.
    func upright(_ image: Image) throws -> Image {
        if self == .upright { return image }
        let (height, width) = (image.shape.height, image.shape.width)
        let shape = ImageShape(
            channels: image.shape.channels, height: swapsSides ? width : height, width: swapsSides ? height : width)
        // Offset of the first pixel of a plane, and steps along the rows and columns of the upright image.
        let (lastRow, lastColumn) = ((height - 1) * width, width - 1)
        let (start, down, across) =
            switch self {
            case .upright: (0, width, 1)
            case .mirrored: (lastColumn, width, -1)
            case .upsideDown: (lastRow + lastColumn, -width, -1)
            case .flipped: (lastRow, -width, 1)
            case .transposed: (0, 1, width)
            case .turnedLeft: (lastRow, 1, -width)
            case .transversed: (lastRow + lastColumn, -1, -width)
            case .turnedRight: (lastColumn, -1, width)
            }
        let pixels = [Float](unsafeUninitializedCapacity: shape.count) { pixels, count in
            for channel in 0 ..< shape.channels {
                for row in 0 ..< shape.height {
                    let source = channel * shape.pixels + start + row * down
                    let target = (channel * shape.height + row) * shape.width
                    for column in 0 ..< shape.width { pixels[target + column] = image.pixels[source + column * across] }
                }
            }
            count = shape.count
        }
        return try Image(shape: shape, pixels: pixels)
    }
}

extension DecodedImage {
    /// Turned as its file says, with a note.
    func upright(_ value: Int) throws -> DecodedImage {
        guard let orientation = Orientation(rawValue: value), orientation != .upright else { return self }
        var result = self
        result.image = try orientation.upright(image)
        result.alpha = try alpha.map(orientation.upright)
        if orientation.swapsSides, let resolution = metadata.resolution {
            result.metadata.resolution?.horizontal = resolution.vertical
            result.metadata.resolution?.vertical = resolution.horizontal
        }
        result.notes.append("turned upright, as its orientation \(value) says")
        return result
    }
}

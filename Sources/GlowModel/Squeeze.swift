import KernelInterface

/// Says where a batch of images or of level planes lies: number (image, channel, row, column) is at
/// `image * imageStride + channel * channelStride + row * width + column`.
package struct Planes {
    package let base: UnsafeMutablePointer<Float>
    package let channelStride: Int
    package let imageStride: Int
    package let height: Int
    package let width: Int

    package init(base: UnsafeMutablePointer<Float>, channelStride: Int, imageStride: Int, height: Int, width: Int) {
        self.base = base
        self.channelStride = channelStride
        self.imageStride = imageStride
        self.height = height
        self.width = width
    }

    /// A caller's array of images (N, channels, height, width).
    package static func images(_ base: UnsafeMutablePointer<Float>, shape: ImageShape) -> Planes {
        Planes(base: base, channelStride: shape.pixels, imageStride: shape.count, height: shape.height, width: shape.width)
    }

    /// Works as above, for an array that is only read.
    package static func images(_ base: UnsafePointer<Float>, shape: ImageShape) -> Planes {
        images(UnsafeMutablePointer(mutating: base), shape: shape)
    }

    package func row(image: Int, channel: Int, row: Int) -> UnsafeMutablePointer<Float> {
        base + image * imageStride + channel * channelStride + row * width
    }

    /// The planes from this channel on.
    func from(channel: Int) -> Planes {
        Planes(
            base: base + channel * channelStride, channelStride: channelStride, imageStride: imageStride, height: height, width: width)
    }
}

/// y[4c + 2 dy + dx, i, j] = x[c, 2i + dy, 2j + dx] for one channel c of x, in every image; or the same numbers in their order, where that is
/// contiguous. `output` is half as high and wide.
package func squeeze(
    _ input: Planes, channel: Int, into output: Planes, images: Int, order: GlowVariant.SqueezeOrder = .interleaved
) {
    guard order == .interleaved else {
        return forEachQuarter(input, channel, output, images) { fine, coarse, count in coarse.update(from: fine, count: count) }
    }
    forEachSqueezedRow(input, channel, output, images) { fine, coarse, width in
        for j in 0 ..< width { coarse[j] = fine[2 * j] }
    }
}

/// The inverse of `squeeze`, which is also its transpose: fills channel c of `output` from four channels of `input`.
package func unsqueeze(
    _ input: Planes, into output: Planes, channel: Int, images: Int, order: GlowVariant.SqueezeOrder = .interleaved
) {
    guard order == .interleaved else {
        return forEachQuarter(output, channel, input, images) { fine, coarse, count in fine.update(from: coarse, count: count) }
    }
    forEachSqueezedRow(output, channel, input, images) { fine, coarse, width in
        for j in 0 ..< width { fine[2 * j] = coarse[j] }
    }
}

/// Calls `copy(fine, coarse, width)` for each row of the squeezed planes: `coarse[j]` and `fine[2 j]` are the same number.
@inline(__always)
private func forEachSqueezedRow(
    _ fine: Planes, _ channel: Int, _ coarse: Planes, _ images: Int,
    _ copy: (_ fine: UnsafeMutablePointer<Float>, _ coarse: UnsafeMutablePointer<Float>, _ width: Int) -> Void
) {
    for image in 0 ..< images {
        for i in 0 ..< coarse.height {
            for dy in 0 ..< 2 {
                let source = fine.row(image: image, channel: channel, row: 2 * i + dy)
                for dx in 0 ..< 2 {
                    copy(source + dx, coarse.row(image: image, channel: 4 * channel + 2 * dy + dx, row: i), coarse.width)
                }
            }
        }
    }
}

/// Calls `copy(fine, coarse, count)` for each quarter of a channel's numbers, which is a channel of the squeezed planes.
@inline(__always)
private func forEachQuarter(
    _ fine: Planes, _ channel: Int, _ coarse: Planes, _ images: Int,
    _ copy: (_ fine: UnsafeMutablePointer<Float>, _ coarse: UnsafeMutablePointer<Float>, _ count: Int) -> Void
) {
    let count = coarse.height * coarse.width
    for image in 0 ..< images {
        for quarter in 0 ..< 4 {
            copy(
                fine.row(image: image, channel: channel, row: 0) + quarter * count,
                coarse.row(image: image, channel: 4 * channel + quarter, row: 0), count)
        }
    }
}

import KernelInterface

/// A square of an image, shrunk to `size` x `size` pixels and perhaps mirrored left to right.
package struct Crop: Hashable, Sendable {
    let size: Int
    /// The square's top left corner and side, in pixels of the image; all whole numbers when `shrink` is 1.
    let top: Double
    let left: Double
    /// How many pixels of the image make one of the crop, along a side: at least 1.
    let shrink: Double
    let isFlipped: Bool

    package init(size: Int, top: Double, left: Double, shrink: Double = 1, isFlipped: Bool = false) {
        self.size = size
        self.top = top
        self.left = left
        self.shrink = shrink
        self.isFlipped = isFlipped
    }

    /// A random crop of an image of this size, whose sides are not below `size`.
    ///
    /// The shrink factor is uniform from 1 to `largestShrink`, or to what the image allows; the corner is uniform among those
    /// that keep the square inside.
    init(
        size: Int, height: Int, width: Int, largestShrink: Double, mayFlip: Bool, _ generator: inout SeededGenerator
    ) {
        self.size = size
        let largest = min(largestShrink, Double(min(height, width)) / Double(size))
        shrink = largestShrink > 1 ? 1 + (largest - 1) * generator.nextUniform() : 1
        if shrink > 1 {
            top = max(0, Double(height) - shrink * Double(size)) * generator.nextUniform()
            left = max(0, Double(width) - shrink * Double(size)) * generator.nextUniform()
        } else {
            top = Double(generator.nextIndex(below: height - size + 1))
            left = Double(generator.nextIndex(below: width - size + 1))
        }
        isFlipped = mayFlip && generator.nextIndex(below: 2) == 1
    }

    /// The bytes of the crop, three planes of `size` x `size`.
    package func bytes(of image: ColourBytes) -> [UInt8] {
        var bytes = shrink == 1 ? copied(image) : Resampling(self, of: image).bytes(of: image)
        if isFlipped {
            for start in stride(from: 0, to: bytes.count, by: size) { bytes[start ..< start + size].reverse() }
        }
        return bytes
    }

    private func copied(_ image: ColourBytes) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 * size * size)
        for channel in 0 ..< 3 {
            for row in 0 ..< size {
                let start = (channel * image.height + Int(top) + row) * image.width + Int(left)
                bytes += image.samples[start ..< start + size]
            }
        }
        return bytes
    }
}

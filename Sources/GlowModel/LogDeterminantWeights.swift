/// A weight of log|det J_f| for each image of a batch, where one for all will not do: what an automatic differentiation of a batch asks for.
///
/// Kernels know one weight. A tile of pixels may lie across images, even within a vector, so what each image has of its own is added after the
/// kernel, pixel by pixel; to the same bits as the kernel would.
package struct LogDeterminantWeights {
    /// One number for each image of the recorded batch.
    let values: UnsafePointer<Float>
    let count: Int

    package init(_ values: UnsafePointer<Float>, count: Int) { (self.values, self.count) = (values, count) }

    /// Adds w (1 - s), the gradient of w log s(r) in r, to the cotangents of r of these pixels.
    ///
    /// - Parameter pixelsOfImage: pixels of an image on this level.
    func addGradient(at scales: AffineScales, _ pixels: Range<Int>, ofImages pixelsOfImage: Int) {
        for image in 0 ..< count {
            let own = (image * pixelsOfImage ..< (image + 1) * pixelsOfImage).clamped(to: pixels)
            if own.isEmpty { continue }
            let weight = values[image]
            for channel in 0 ..< scales.channels {
                let (scale, logit) = (scales.scale + channel * scales.scaleStride, scales.logit + channel * scales.logitStride)
                for pixel in own { logit[pixel] += weight * (1 - scale[pixel]) }
            }
        }
    }
}

/// Planes of an affine coupling: s as it was recorded, and the cotangents of r, in s = s(r).
struct AffineScales {
    let scale: UnsafePointer<Float>
    let scaleStride: Int
    let logit: UnsafeMutablePointer<Float>
    let logitStride: Int
    let channels: Int
}

/// A weight of log|det J_f| for each image of a batch, where one for all will not do: what an automatic differentiation of a batch asks for.
///
/// Kernels know one weight. A tile of pixels may lie across images, even within a vector, so what each image has of its own is added after the
/// kernel, pixel by pixel; to the same bits as the kernel would.
package struct LogDeterminantWeights {
    /// One number for each image of the recorded batch.
    let values: UnsafePointer<Float>
    let count: Int

    package init(_ values: UnsafePointer<Float>, count: Int) { (self.values, self.count) = (values, count) }

    /// Adds w d log s / dr, the gradient of w log s(r) in r, to the cotangents of r of these pixels.
    ///
    /// - Parameter pixelsOfImage: pixels of an image on this level.
    func addGradient(at scales: AffineScales, _ pixels: Range<Int>, ofImages pixelsOfImage: Int) {
        for image in 0 ..< count {
            let own = (image * pixelsOfImage ..< (image + 1) * pixelsOfImage).clamped(to: pixels)
            if own.isEmpty { continue }
            let weight = values[image]
            for channel in 0 ..< scales.channels {
                let (values, logit) = (scales.values + channel * scales.valueStride, scales.logit + channel * scales.logitStride)
                if scales.areRates {
                    for pixel in own { logit[pixel] += weight * values[pixel] }
                } else {
                    for pixel in own { logit[pixel] += weight * (1 - values[pixel]) }
                }
            }
        }
    }
}

/// Planes of an affine coupling: d log s / dr, or s as it was recorded where d log s / dr = 1 - s, and the cotangents of r.
struct AffineScales {
    let values: UnsafePointer<Float>
    let valueStride: Int
    let areRates: Bool
    let logit: UnsafeMutablePointer<Float>
    let logitStride: Int
    let channels: Int

    /// For the standard coupling, s = sigmoid(r + 2).
    init(scale: UnsafePointer<Float>, scaleStride: Int, logit: UnsafeMutablePointer<Float>, logitStride: Int, channels: Int) {
        (values, valueStride, areRates) = (scale, scaleStride, false)
        (self.logit, self.logitStride, self.channels) = (logit, logitStride, channels)
    }

    /// For any other, of which the kernel keeps d log s / dr.
    init(rate: UnsafePointer<Float>, rateStride: Int, logit: UnsafeMutablePointer<Float>, logitStride: Int, channels: Int) {
        (values, valueStride, areRates) = (rate, rateStride, true)
        (self.logit, self.logitStride, self.channels) = (logit, logitStride, channels)
    }
}

import CReglow
import Imaging
import InverseSolvers
import KernelInterface
import Reglow

@c @implementation
public func reglow_estimate_noise(
    _ values: UnsafePointer<Float>?, _ shape: UnsafePointer<reglow_shape>?, _ measured: UnsafePointer<UInt8>?,
    _ noise: UnsafeMutablePointer<Double>?, _ certainty: UnsafeMutablePointer<reglow_certainty>?
) -> reglow_status {
    answer {
        let (image, place) = (try givenImage(values, "values", shape), try given(noise, "noise"))
        let certaintyPlace = try certainty.map { try given($0, "certainty") }
        let pixels = image.shape.pixels
        let isMeasured = measured.map { measured in (0 ..< pixels).map { measured[$0] != 0 } } ?? [Bool](repeating: true, count: pixels)
        let estimate = try NoiseEstimate(of: image.pixels, shape: image.shape, measured: isMeasured)
        place.pointee = estimate.deviation
        certaintyPlace?.pointee = reglow_certainty(estimate.verdict)
    }
}

@c @implementation
public func reglow_psnr(
    _ image: UnsafePointer<Float>?, _ truth: UnsafePointer<Float>?, _ shape: UnsafePointer<reglow_shape>?,
    _ psnr: UnsafeMutablePointer<Double>?
) -> reglow_status {
    answer {
        let (image, truth) = (try givenImage(image, "image", shape), try givenImage(truth, "truth", shape))
        try given(psnr, "psnr").pointee = peakSignalToNoiseRatio(truth, image)
    }
}

@c @implementation
public func reglow_ssim(
    _ image: UnsafePointer<Float>?, _ truth: UnsafePointer<Float>?, _ shape: UnsafePointer<reglow_shape>?,
    _ ssim: UnsafeMutablePointer<Double>?
) -> reglow_status {
    answer {
        let (image, truth) = (try givenImage(image, "image", shape), try givenImage(truth, "truth", shape))
        let place = try given(ssim, "ssim")
        guard let found = try structuralSimilarity(truth, image) else {
            throw Fault.argument("the shape is \(image.shape), but the similarity needs 11 rows and columns at least")
        }
        place.pointee = found
    }
}

/// A copy of an image of the caller's.
private func givenImage(
    _ values: UnsafePointer<Float>?, _ name: String, _ shape: UnsafePointer<reglow_shape>?
) throws -> Image {
    let (values, shape) = (try given(values, name), try givenShape(shape, "shape"))
    try require([1, 3].contains(shape.channels), "shape is \(shape), but an image has 1 or 3 channels")
    try requireMemory(8 * shape.count)
    return try Image(shape: shape, pixels: Array(UnsafeBufferPointer(start: values, count: shape.count)))
}

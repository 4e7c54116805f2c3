import InverseSolvers
import KernelInterface
import TestSupport
import Testing

@Suite struct QualityFunctionsTests {
    @Test func figuresAreThoseOfTheLibrary() throws {
        let truth = try picture(height: 40, width: 48)
        let noisy = try Image(
            shape: truth.shape, pixels: zip(truth.pixels, normalNumbers(truth.shape.count, seed: 3)).map { $0 + 0.05 * $1 })
        var shape = reglow_shape(channels: 3, height: 40, width: 48)
        var (psnr, ssim, sigma, certainty) = (0.0, 0.0, 0.0, REGLOW_NOT_ESTIMATED)
        expectOK(reglow_psnr(noisy.pixels, truth.pixels, &shape, &psnr))
        expectOK(reglow_ssim(noisy.pixels, truth.pixels, &shape, &ssim))
        expectOK(reglow_estimate_noise(noisy.pixels, &shape, nil, &sigma, &certainty))
        #expect(psnr == (try peakSignalToNoiseRatio(truth, noisy)))
        #expect(ssim == (try structuralSimilarity(truth, noisy)))
        var measured = [UInt8](repeating: 1, count: 40 * 48)
        let all = try NoiseEstimate(of: noisy.pixels, shape: noisy.shape, measured: [Bool](repeating: true, count: measured.count))
        #expect(sigma == all.deviation && certainty == reglow_certainty(all.verdict))
        for index in measured.indices where index % 48 < 10 { measured[index] = 0 }
        expectOK(reglow_estimate_noise(noisy.pixels, &shape, measured, &sigma, nil))
        #expect(sigma == (try NoiseEstimate(of: noisy.pixels, shape: noisy.shape, measured: measured.map { $0 != 0 })).deviation)
        expectOK(reglow_psnr(truth.pixels, truth.pixels, &shape, &psnr))
        #expect(psnr == .infinity)
    }

    @Test func badArgumentsAreNamed() {
        let image = [Float](repeating: 0.5, count: 192)
        var (shape, value) = (reglow_shape(channels: 3, height: 8, width: 8), 0.0)
        expectRefused(reglow_psnr(nil, image, &shape, &value), REGLOW_BAD_ARGUMENT, "image is NULL")
        expectRefused(reglow_psnr(image, nil, &shape, &value), REGLOW_BAD_ARGUMENT, "truth is NULL")
        expectRefused(reglow_psnr(image, image, nil, &value), REGLOW_BAD_ARGUMENT, "shape is NULL")
        expectRefused(reglow_psnr(image, image, &shape, nil), REGLOW_BAD_ARGUMENT, "psnr is NULL")
        expectRefused(reglow_ssim(image, image, &shape, &value), REGLOW_BAD_ARGUMENT, "11 rows")
        expectRefused(reglow_estimate_noise(nil, &shape, nil, &value, nil), REGLOW_BAD_ARGUMENT, "values is NULL")
        expectRefused(reglow_estimate_noise(image, &shape, nil, nil, nil), REGLOW_BAD_ARGUMENT, "noise is NULL")
        shape.channels = 2
        expectRefused(reglow_psnr(image, image, &shape, &value), REGLOW_BAD_ARGUMENT, "1 or 3 channels")
        shape = reglow_shape(channels: 3, height: .max, width: 8)
        expectRefused(reglow_ssim(image, image, &shape, &value), REGLOW_BAD_ARGUMENT, "height of shape")
    }
}

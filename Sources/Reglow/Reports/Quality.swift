import Imaging
import TrainingReports

/// How close an image is to the truth.
package struct Quality: Encodable {
    /// PSNR in decibel; `null` in JSON for equal images, where it is infinite.
    package let psnr: JSONNumber
    /// `null` in JSON when a side is below 11 pixels, where it is not defined.
    package let ssim: JSONNumber

    /// - Throws: `ImageError` when the shapes differ.
    package init(of estimate: Image, truth: Image) throws {
        psnr = JSONNumber(try peakSignalToNoiseRatio(truth, estimate))
        ssim = JSONNumber(try structuralSimilarity(truth, estimate))
    }

    package var text: String { "PSNR \(Self.decibel(psnr.value)) dB, SSIM \(Self.similarity(ssim.value))" }

    package static func decibel(_ value: Double?) -> String { text(value, decimals: 2) }
    package static func similarity(_ value: Double?) -> String { text(value, decimals: 4) }
    package static func text(_ value: Double?, decimals: Int) -> String { value.map { $0.fixed(decimals) } ?? "-" }
}

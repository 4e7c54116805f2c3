import Reglow
import TrainingReports

/// How close an image is to the truth.
struct Quality: Encodable {
    /// PSNR in decibel; `null` in JSON for equal images, where it is infinite.
    let psnr: JSONNumber
    /// `null` in JSON when a side is below 11 pixels, where it is not defined.
    let ssim: JSONNumber

    /// - Throws: `ImageError` when the shapes differ.
    init(of estimate: Image, truth: Image) throws {
        psnr = JSONNumber(try peakSignalToNoiseRatio(truth, estimate))
        ssim = JSONNumber(try structuralSimilarity(truth, estimate))
    }

    var text: String { "PSNR \(Self.decibel(psnr.value)) dB, SSIM \(Self.similarity(ssim.value))" }

    static func decibel(_ value: Double?) -> String { text(value, decimals: 2) }
    static func similarity(_ value: Double?) -> String { text(value, decimals: 4) }
    static func text(_ value: Double?, decimals: Int) -> String { value.map { $0.fixed(decimals) } ?? "-" }
}

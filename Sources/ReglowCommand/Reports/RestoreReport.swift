import Foundation
import Reglow

/// What `reglow restore` reports.
struct RestoreReport: Encodable {
    let results: [Result]
    let problem: ProblemOptions.Kind
    let method: Approach
    let solver: SolverArguments.Algorithm
    let prior: String
    let noise: Double
    /// lambda
    let weight: Double
    let seed: UInt64
    /// Nil when none was asked for.
    let profile: Profile?

    /// One image. Keys without a value are left out.
    struct Result: Encodable {
        let input: String
        /// Nil when the solve diverged: then nothing is written.
        let output: String?
        let objective: JSONNumber
        let dataFidelity: JSONNumber
        let prior: JSONNumber
        let evaluations: Int
        /// With precision auto, how many of the evaluations had their gradient in bf16, before the switch to fp32.
        let bf16Gradients: Int?
        let seconds: Double
        let stop: String
        let diagnosis: String?
        let psnr: JSONNumber?
        let ssim: JSONNumber?

        /// - Parameter quality: nil when the truth is not known.
        init(input: String, output: String?, restoration: Restoration, quality: Quality?) {
            self.input = input
            self.output = output
            objective = JSONNumber(restoration.objective)
            dataFidelity = JSONNumber(restoration.dataFidelity)
            prior = JSONNumber(restoration.prior)
            evaluations = restoration.evaluations
            bf16Gradients = restoration.roughEvaluations
            seconds = restoration.seconds
            stop = restoration.stop.rawValue
            diagnosis = restoration.diagnosis
            psnr = quality?.psnr
            ssim = quality?.ssim
        }

        var text: String {
            let quality = psnr.map { "PSNR \(Quality.decibel($0.value)) dB, SSIM \(Quality.similarity(ssim?.value)); " } ?? ""
            let rough = bf16Gradients.map { ", \($0) with a gradient in bf16," } ?? ""
            let time = String(format: "%.1f", seconds)
            return "\(output ?? input): \(quality)\(evaluations) evaluations\(rough) in \(time) s, stopped by \(stop)"
        }
    }
}

import Foundation
import Reglow
import TrainingReports

/// What `reglow train` reports when it ends.
struct TrainingSummary: Encodable {
    let model: String
    let checkpoint: String
    let log: String
    let curve: String
    let steps: Int
    let images: Int
    /// Over all calls that the training took.
    let seconds: Double
    /// Of the last record.
    let bitsPerDimension: JSONNumber
    /// Of the model: the lowest that was measured.
    let heldOutBitsPerDimension: JSONNumber
    let stop: TrainingLoop.Ending

    init(_ files: TrainingFiles, _ records: [TrainingRecord], _ ending: TrainingLoop.Ending) {
        let last = records.last
        model = files.model
        checkpoint = files.checkpoint
        log = files.log
        curve = files.curve
        steps = last?.step ?? 0
        images = last?.images ?? 0
        seconds = last?.seconds ?? 0
        bitsPerDimension = JSONNumber(last?.bitsPerDimension)
        heldOutBitsPerDimension = JSONNumber(records.lowestHeldOut)
        stop = ending
    }

    var text: String {
        let bits = bitsPerDimension.value.map { String(format: "%.4f bits per dimension", $0) } ?? "no loss yet"
        let heldOut = heldOutBitsPerDimension.value.map { String(format: ", %.4f on held-out images", $0) } ?? ""
        let reason =
            switch stop {
            case .steps: "done"
            case .patience: "ended early, the held-out images gained no more"
            case .time: "stopped by --stop-after-hours; --resume goes on"
            case .interrupted: "interrupted; --resume goes on"
            }
        return "\(model): \(steps) steps in \(String(format: "%.0f", seconds)) s, \(bits)\(heldOut); \(reason)"
    }
}

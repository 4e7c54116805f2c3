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
    /// The bits per dimension of the last record.
    let bitsPerDimension: JSONNumber
    /// The bits per dimension of the model: the lowest that was measured.
    let validationBitsPerDimension: JSONNumber
    let stop: Training.Ending

    init(_ files: TrainingFiles, _ result: Training.Result) {
        let last = result.last
        model = files.model
        checkpoint = files.checkpoint
        log = files.log
        curve = files.curve
        steps = last?.step ?? 0
        images = last?.images ?? 0
        seconds = last?.seconds ?? 0
        bitsPerDimension = JSONNumber(last?.bitsPerDimension)
        validationBitsPerDimension = JSONNumber(result.lowestValidationBits)
        stop = result.ending
    }

    var text: String {
        let bits = bitsPerDimension.value.map { "\($0.fixed(4)) bits per dimension" } ?? "no loss yet"
        let validation = validationBitsPerDimension.value.map { ", \($0.fixed(4)) on validation images" } ?? ""
        let reason =
            switch stop {
            case .steps: "done"
            case .patience: "ended early, the validation images gained no more"
            case .time: "stopped by --stop-after-hours; --resume goes on"
            case .interrupted: "interrupted; --resume goes on"
            }
        return "\(model): \(steps) steps in \(seconds.fixed(0)) s, \(bits)\(validation); \(reason)"
    }
}

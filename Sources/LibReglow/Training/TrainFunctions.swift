import CReglow
import Reglow
import TrainingReports

@c @implementation
public func reglow_train_options_init(_ options: UnsafeMutablePointer<reglow_train_options>?, _ size: Int) -> reglow_status {
    answer { try reglow_train_options.initialize(options, "options", size: size) }
}

@c @implementation
public func reglow_train(
    _ options: UnsafePointer<reglow_train_options>?, _ outcome: UnsafeMutablePointer<reglow_training_outcome>?
) -> reglow_status {
    answer {
        let asked = try reglow_train_options.read(options, "options")
        if let outcome { try reglow_training_outcome.requireRoom(outcome, "outcome") }
        let choices = try TrainChoices(asked)
        let context = asked.context
        let training = try Training(choices.configuration, resuming: choices.isResuming) { reason in
            "\(reason); left out".withCString { asked.on_note?($0, context) }
        }
        var isToStop = false
        let result = try training.run(
            onStep: { if let onStep = asked.on_step, onStep($0, $1, context) != 0 { isToStop = true } },
            onRecord: { record in withUnsafePointer(to: reglow_training_record(record)) { asked.on_record?($0, context) } },
            isToStop: { isToStop })
        guard let outcome else { return }
        var found = reglow_training_outcome()
        found.ending = reglow_training_ending(result.ending)
        found.step = training.step
        found.bits_per_dimension = result.last?.bitsPerDimension ?? unknown
        found.lowest_validation_bits = result.lowestValidationBits ?? unknown
        try found.write(to: outcome, "outcome")
    }
}

extension reglow_training_ending {
    fileprivate init(_ ending: Training.Ending) {
        self =
            switch ending {
            case .steps: REGLOW_TRAINING_STEPS
            case .patience: REGLOW_TRAINING_PATIENCE
            case .time: REGLOW_TRAINING_TIME
            case .interrupted: REGLOW_TRAINING_INTERRUPTED
            }
    }
}

extension reglow_training_record {
    fileprivate init(_ record: TrainingRecord) {
        self.init()
        size = MemoryLayout<reglow_training_record>.size
        (step, images, seconds) = (record.step, record.images, record.seconds)
        bits_per_dimension = record.bitsPerDimension ?? unknown
        validation_bits_per_dimension = record.validationBitsPerDimension ?? unknown
        (learning_rate, gradient_norm) = (record.learningRate, record.gradientNorm ?? unknown)
        (images_per_second, skipped_steps) = (record.imagesPerSecond, record.skippedSteps)
    }
}

extension reglow_training_outcome: VersionedStruct {
    static var defaults: reglow_training_outcome { reglow_training_outcome() }
    static var name: String { "reglow_training_outcome" }
}

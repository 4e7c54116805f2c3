/// At which steps of a training something is due. Steps count from 1, the first that is done.
struct TrainingPlan {
    let steps: Int
    let reportEvery: Int
    let validateEvery: Int
    let samplesEvery: Int
    let checkpointEvery: Int
    /// Validations in a row without a better one after which the training ends.
    let patience: Int?
    let stopAfter: Duration?

    init(steps: Int, _ options: TrainingReportOptions) {
        self.steps = steps
        reportEvery = options.reportEvery
        validateEvery = options.validateEvery
        samplesEvery = options.samplesEvery
        checkpointEvery = options.checkpointEvery
        patience = options.patience
        stopAfter = options.stopAfterHours.map { .seconds(3600 * min($0, 1e6)) }
    }

    /// A record is written wherever another thing is due, so that the log is complete at each checkpoint.
    func reports(at step: Int) -> Bool {
        step % reportEvery == 0 || validates(at: step) || checkpoints(at: step)
    }

    func validates(at step: Int) -> Bool { step % validateEvery == 0 || step == steps }

    func samples(at step: Int) -> Bool { samplesEvery > 0 && (step % samplesEvery == 0 || step == steps) }

    func checkpoints(at step: Int) -> Bool { step % checkpointEvery == 0 || step == steps }
}

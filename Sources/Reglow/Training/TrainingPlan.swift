/// At which steps of a training something is due. Steps count from 1, the first that is done.
struct TrainingPlan {
    let steps: Int
    let reports: Training.Reports

    /// A record is written wherever another thing is due, so that the log is complete at each checkpoint.
    func reports(at step: Int) -> Bool {
        step % reports.recordEvery == 0 || validates(at: step) || checkpoints(at: step)
    }

    func validates(at step: Int) -> Bool { step % reports.validateEvery == 0 || step == steps }

    func samples(at step: Int) -> Bool { reports.samplesEvery > 0 && (step % reports.samplesEvery == 0 || step == steps) }

    func checkpoints(at step: Int) -> Bool { step % reports.checkpointEvery == 0 || step == steps }
}

import GlowTraining
import KernelInterface
import TrainingImages
import TrainingReports

/// Steps of a training, and what is due between them: reports, measurements on validation images, samples, checkpoints.
///
/// A record is on the disk before the checkpoint of its step. So a training that is resumed finds in the log all that belongs
/// to the checkpoint, and cuts off what came later.
struct TrainingLoop {
    let trainer: Trainer
    var sampler: BatchSampler
    let validation: ValidationCrops?
    let plan: TrainingPlan
    let products: TrainingProducts
    /// Its records are those of the steps that the trainer has done.
    let log: TrainingLog
    let events: Training.Events
    let parallelism: Parallelism

    private var window = ReportWindow()
    private let began = ContinuousClock.now

    init(
        _ trainer: Trainer, sampler: BatchSampler, validation: ValidationCrops?, plan: TrainingPlan, products: TrainingProducts,
        log: TrainingLog, events: Training.Events, parallelism: Parallelism
    ) {
        self.trainer = trainer
        self.sampler = sampler
        self.validation = validation
        self.plan = plan
        self.products = products
        self.log = log
        self.events = events
        self.parallelism = parallelism
    }

    /// Trains until one of the endings; a call that is asked to stop early does one step at least.
    ///
    /// - Throws: what the trainer and the files throw. The checkpoint is then the last one that was due.
    mutating func run() throws -> Training.Ending {
        let secondsBefore = log.records.last?.seconds ?? 0
        if let ending = completion() { return ending }
        while true {
            try advance()
            let step = trainer.step
            func seconds() -> Double { secondsBefore + began.duration(to: .now).inSeconds }
            if plan.reports(at: step) { try report(measuring: plan.validates(at: step), seconds: seconds()) }
            if plan.samples(at: step) { try products.writeSamples(trainer.ema, step: step) }
            let ending = ending()
            if ending != nil, log.records.last?.step != step { try report(measuring: false, seconds: seconds()) }
            if ending != nil || plan.checkpoints(at: step) { try products.write(trainer, log.records) }
            if let ending { return ending }
        }
    }

    /// Whether there is nothing left to train.
    private func completion() -> Training.Ending? {
        if trainer.step >= plan.steps { return .steps }
        if let patience = plan.reports.patience, log.records.validationsSinceLowest >= patience { return .patience }
        return nil
    }

    private func ending() -> Training.Ending? {
        if let completion = completion() { return completion }
        if events.isToStop() { return .interrupted }
        if let stopAfter = plan.reports.stopAfter, began.duration(to: .now) >= stopAfter { return .time }
        return nil
    }

    private mutating func advance() throws {
        let start = ContinuousClock.now
        let report = try trainer.advance(try sampler.batch(step: trainer.step, parallelism: parallelism))
        window.add(report, images: sampler.options.batch, seconds: start.duration(to: .now).inSeconds)
        events.onStep(report.step, report.bitsPerDimension + noiseBits)
    }

    /// Adds a record to the log. A model that is the best on validation images is written.
    private mutating func report(measuring: Bool, seconds: Double) throws {
        let lowest = log.records.lowestValidation ?? .infinity
        let bits = try measuring ? validation.map { try products.bitsPerDimension(trainer.ema, of: $0) } : nil
        let record = window.record(
            step: trainer.step, batch: sampler.options.batch, seconds: seconds, noiseBits: noiseBits, validation: bits)
        window = ReportWindow()
        try log.append(record)
        events.onRecord(record)
        if let bits, bits < lowest { try products.writeModel(trainer.ema, record) }
    }

    private var noiseBits: Double { Double(sampler.dequantization.bits) }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + 1e-18 * Double(components.attoseconds) }
}

import Foundation
import Measuring
import Reglow

/// A folder of noisy faces and what it takes to restore them: by the bare solver, from memory to memory, and as a job, with reading, hashing, writing,
/// synchronizing and records.
final class FolderOfFaces {
    private static let evaluations = 20

    private let folder: URL
    private let flow: Glow
    private let threads: Int
    private var measurements: [ImageMeasurement] = []
    private var list: JobList
    private var runs = 0

    init(count: Int, threads: Int) throws {
        self.threads = threads
        folder = FileManager.default.temporaryDirectory.appending(path: "reglow-faces-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        flow = try Prior.bootstrap.load(.fp32)
        var settings = RestorationSettings(problem: .denoise)
        settings.prior = Prior.bootstrap.path
        settings.noise = .known(0.05)
        settings.solver.maximumEvaluations = Self.evaluations
        (settings.solver.progressTolerance, settings.solver.gradientTolerance) = (0, 0)
        list = JobList([], settings: settings)
        for index in 0 ..< count {
            let shape = ImageShape(channels: 3, height: 64, width: 64)
            let image = try Image(
                shape: shape,
                pixels: (0 ..< shape.count).map { Float(0.5 + 0.3 * sin(Double($0 + 40 * index) / 97) * cos(Double($0) / 11)) })
            let path = folder.appending(path: "\(index).png").path
            try ImageFile.write(image, to: path)
            measurements.append(ImageMeasurement(try ImageFile.read(path).image))
            list.add(RestorationJob(input: path, output: "\(index).png"), settings: 0)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Floating-point operations of all evaluations.
    var operations: Double {
        get throws { try Double(measurements.count * Self.evaluations) * 2 * Prior.bootstrap.operations(height: 64, width: 64) }
    }

    var kernels: KernelTable { flow.kernels }

    /// Seconds of the bare solver.
    func solved() throws -> Double {
        let restorer = Restorer(prior: flow, options: list.settings[0].solver, threads: threads)
        return try timedOnce { _ = try restorer.restore(measurements, problem: .denoise, regularization: .noiseVariance(.known(0.05))) }
    }

    /// Seconds of the job, from the list to the last record.
    func run() throws -> Double {
        runs += 1
        var options = JobOptions()
        options.threads = threads
        let runner = JobRunner(list, folder: folder.appending(path: "out-\(runs)").path, options: options)
        return try timedOnce {
            let counts = try runner.run().counts
            guard counts.done == measurements.count else { throw WrongResult("\(counts.failed) images failed") }
        }
    }

    private func timedOnce(_ work: () throws -> Void) rethrows -> Double {
        let began = ContinuousClock.now
        try work()
        return began.duration(to: .now) / .seconds(1)
    }
}

import Reglow

/// The measurements of a plan, read some ahead of the solver so that those of one size are solved together; never all of them.
struct MeasurementQueue {
    /// What is read ahead at most: files, and pixels of them all, unless one alone has more.
    private static let mostFiles = 256
    private static let mostPixels = 1 << 20

    private let jobs: [RestorationJob]
    private let sizeMultiple: (MeasurementFile) throws -> Int
    private var waiting: [MeasurementFile] = []
    private var next = 0

    /// - Parameter sizeMultiple: of an image, by its prior: images of one session whose sides are the same, rounded up to it, are solved together.
    init(_ jobs: [RestorationJob], sizeMultiple: @escaping (MeasurementFile) throws -> Int) {
        self.jobs = jobs
        self.sizeMultiple = sizeMultiple
    }

    /// The first measurement that waits, and others of its size; empty when none is left.
    ///
    /// - Parameters:
    ///   - read: reads job number n; what it throws, except an `Interruption`, is that file's failure.
    ///   - onFailure: gets the number of a job that cannot be read, and why.
    /// - Throws: `Interruption`.
    mutating func nextGroup(
        read: (RestorationJob, Int) throws -> MeasurementFile, onFailure: (Int, any Error) -> Void
    ) throws -> [MeasurementFile] {
        var pixels = waiting.reduce(0) { $0 + $1.imageSize.pixels }
        while next < jobs.count, waiting.count < Self.mostFiles, waiting.isEmpty || pixels < Self.mostPixels {
            do {
                let file = try read(jobs[next], next)
                pixels += file.imageSize.pixels
                waiting.append(file)
            } catch let interruption as Interruption {
                throw interruption
            } catch {
                onFailure(next, error)
            }
            next += 1
        }
        guard let first = waiting.first else { return [] }
        let multiple = try sizeMultiple(first)
        let most = 4 * Restorer.largestBatch(ofPixels: first.imageSize.pixels)
        let canvas = canvas(of: first, multiple)
        let group = Array(waiting.filter { $0.key == first.key && self.canvas(of: $0, multiple) == canvas }.prefix(most))
        let taken = Set(group.map(\.number))
        waiting.removeAll { taken.contains($0.number) }
        return group
    }

    private func canvas(of file: MeasurementFile, _ multiple: Int) -> Problem.ImageSize {
        func rounded(_ side: Int) -> Int { (side + multiple - 1) / multiple * multiple }
        return Problem.ImageSize(height: rounded(file.imageSize.height), width: rounded(file.imageSize.width))
    }
}

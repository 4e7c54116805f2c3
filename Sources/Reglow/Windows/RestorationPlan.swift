import Files
import ForwardOperators
import GlowModel
import InverseSolvers
import KernelInterface

/// How a picture is going to be restored, known before the work: whole or in windows, and what memory it takes.
public struct RestorationPlan: Sendable {
    /// Height and width of the restored image.
    public let size: Problem.ImageSize
    /// Bytes of the process at its height.
    public let memoryBytes: Int
    /// This is nil for a picture that is solved whole.
    public let windows: WindowGrid?
    /// Pixels that are solved, the surplus of canvases and the overlaps of windows included.
    public let solvedPixels: Int
}

/// Plans restorations by one restorer within a limit of memory.
public struct RestorationPlanner: Sendable {
    /// The shorter side of the smallest window beyond its overlap, in pixels of the image: below it nearly all work would be in the rims.
    private static let leastCore = 64

    private let restorer: Restorer
    private let problem: Problem

    /// A planner for one problem.
    public init(_ restorer: Restorer, problem: Problem) {
        self.restorer = restorer
        self.problem = problem
    }

    /// The plan for a measurement: the whole where it fits, else the fewest windows that do.
    ///
    /// - Parameters:
    ///   - measurement: channels, height and width of the measurement.
    ///   - lacksSome: whether entries of the measurement are missing or not trusted.
    ///   - images: how many of this size are solved together, at most.
    ///   - resident: bytes that the process has now, with the measurement.
    ///   - limit: bytes that it may have; nil is no limit.
    /// - Throws: `MemoryShortage` where nothing fits; `ProblemError` for a measurement that does not fit the problem.
    public func plan(
        _ measurement: ImageShape, lacksSome: Bool = false, images: Int = 1, resident: Int, limit: Int?
    ) throws -> RestorationPlan {
        let size = try problem.imageSize(ofMeasurement: Problem.ImageSize(height: measurement.height, width: measurement.width))
        let canvas = try canvas(of: size)
        let whole = resident + solveBytes(size, measured: measurement.height * measurement.width, lacksSome: lacksSome, images: images)
        guard let limit, whole > limit else {
            return RestorationPlan(size: size, memoryBytes: whole, windows: nil, solvedPixels: canvas.pixels)
        }
        guard let scale = problem.windowScale else { throw MemoryShortage(needed: whole, limit: limit) }
        // The picture that the windows are put together in, and what its file is made of.
        let picture = resident + 2 * 4 * restorer.prior.imageChannels * size.height * size.width
        func bytes(_ grid: WindowGrid) -> Int {
            // A window of a blurred picture leaves out what depends on pixels beyond it.
            picture
                + solveBytes(
                    grid.size, measured: grid.rows.longest * grid.columns.longest, lacksSome: lacksSome || problem.reach > 0, images: 1)
        }
        let multiple = restorer.prior.sizeMultiple / Self.divisor(restorer.prior.sizeMultiple, scale)
        let overlap = (2 * (WindowGrid.context + problem.reach) + scale - 1) / scale
        let least = Self.up(overlap + Self.leastCore / scale, multiple)
        // From the largest square down; a picture that is narrower than the square has its windows longer.
        var side = Self.up(Int(Double(WindowGrid.mostPixels).squareRoot()) / scale, multiple)
        while side >= least {
            let grid = grid(measurement, side: side, scale: scale, multiple: multiple, overlap: overlap)
            let needed = bytes(grid)
            if needed <= limit {
                let (rows, columns) = (grid.rows.spans, grid.columns.spans)
                let solved = rows.reduce(0) { $0 + $1.count } * columns.reduce(0) { $0 + $1.count } * scale * scale
                return RestorationPlan(size: size, memoryBytes: needed, windows: grid, solvedPixels: solved)
            }
            side -= max(multiple, side / 32 / multiple * multiple)
        }
        let smallest = grid(measurement, side: least, scale: scale, multiple: multiple, overlap: overlap)
        throw MemoryShortage(needed: min(whole, bytes(smallest)), limit: limit)
    }

    private func grid(_ measurement: ImageShape, side: Int, scale: Int, multiple: Int, overlap: Int) -> WindowGrid {
        let most = side * side
        let rows = measurement.height <= side ? Self.up(measurement.height, multiple) : max(side, most / max(1, measurement.width))
        let columns = measurement.width <= side ? Self.up(measurement.width, multiple) : max(side, most / max(1, measurement.height))
        func axis(_ length: Int, _ window: Int) -> WindowAxis {
            let added = problem.wraps && length > window ? Self.up(overlap / 2, multiple) : 0
            return WindowAxis(
                length: length, extension: added, window: window / multiple * multiple, overlap: overlap, multiple: multiple, scale: scale,
                fade: WindowGrid.fade)
        }
        return WindowGrid(
            rows: axis(measurement.height, rows), columns: axis(measurement.width, columns), scale: scale, overlap: overlap * scale)
    }

    /// Bytes of the draws from the posterior of a measurement of this shape, with what is made of them; 0 where none are made.
    package func bytesOfDraws(_ measurement: ImageShape, _ posterior: PosteriorOptions?) -> Int {
        guard let posterior, let size = try? problem.imageSize(ofMeasurement: Problem.ImageSize(measurement)),
            let canvas = try? canvas(of: size)
        else { return 0 }
        let image = 4 * canvas.count
        // Mean and deviation are summed in double precision; a chain has ten vectors and the metric its own.
        return (posterior.chains * (posterior.drawsOfChain + 30) + posterior.quantiles.count + 6) * image
    }

    /// What the flow sees of an image.
    func canvas(of size: Problem.ImageSize) throws -> ImageShape {
        try SceneCanvas(problem.scene(around: size), prior: restorer.prior).shape
    }

    /// Bytes of a solve beside the measurement, with its result.
    private func solveBytes(_ size: Problem.ImageSize, measured: Int, lacksSome: Bool, images: Int) -> Int {
        guard let canvas = try? canvas(of: size) else { return .max / 4 }
        let prior = restorer.prior
        let batch = min(images, restorer.options.maximumBatch, Restorer.largestBatch(ofPixels: canvas.pixels))
        let measurementCount = problem.windowScale == nil ? measured : measured * prior.imageChannels
        let memory = SolverMemory(
            canvas: canvas, measurementCount: measurementCount, options: restorer.options, threads: restorer.parallelism.threads)
        let threads = restorer.parallelism.threads
        let solver = memory.bytes(
            linearization: (
                prior.linearizationBytes(imageShape: canvas, capacity: batch, threads: threads),
                prior.linearizationBytes(imageShape: canvas, capacity: 1, threads: threads)
            ), images: batch, beginsInLatent: lacksSome || problem.missesSome || canvas.pixels != size.height * size.width)
        let image = 4 * canvas.count
        // Image and latent as they are delivered, cropped and put on their scale, and the same of a first solve of a self-ensemble.
        return solver + (restorer.options.selfEnsemble ? 7 : 4) * image + operatorBytes(canvas, batch)
    }

    /// Memory of the operator for `calls` calls at a time.
    private func operatorBytes(_ canvas: ImageShape, _ calls: Int) -> Int {
        switch problem {
        case .denoise, .superresolve, .linear: 0
        case .deblur: 4 * canvas.pixels * (1 + 2 * min(calls, restorer.parallelism.threads))
        case .inpaint: 6 * canvas.pixels
        case .compressive(let measurements, _): 4 * measurements * (canvas.count + measurements)
        }
    }

    private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
    private static func up(_ number: Int, _ multiple: Int) -> Int { (number + multiple - 1) / multiple * multiple }
}

/// A restoration for which there is not enough memory, in windows neither.
public struct MemoryShortage: ReglowError, Equatable {
    /// Bytes of the process.
    public let needed: Int
    /// Bytes that the process may have.
    public let limit: Int

    package init(needed: Int, limit: Int) { (self.needed, self.limit) = (needed, limit) }

    public var category: ReglowErrorCategory { .memory(needed: needed, limit: limit) }

    /// What is needed and what there is, in MB or GB.
    public var description: String {
        "needs \(Self.text(needed)) of memory, but has \(Self.text(limit))"
    }

    /// A number of bytes to two digits after the point, in decimal units.
    public static func text(_ bytes: Int) -> String {
        bytes < 1_000_000_000 ? "\((bytes + 999_999) / 1_000_000) MB" : "\(Double((bytes + 9_999_999) / 10_000_000) / 100) GB"
    }
}

extension Problem {
    /// Whether there are fewer numbers in a measurement than in an image.
    var missesSome: Bool {
        switch self {
        case .denoise, .deblur: false
        case .superresolve, .inpaint, .compressive, .linear: true
        }
    }
}

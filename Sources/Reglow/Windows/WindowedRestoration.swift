import Files
import ForwardOperators
import GlowModel
import Imaging
import InverseSolvers
import KernelInterface

/// Restores a picture window by window, where the whole is too much for the memory.
///
/// sigma and lambda are those of the whole picture, found once. Where pixels are missing, a window takes what its neighbours before it have
/// restored for measured, so that both agree in what neither can know. The result is the same to the last bit for any number of threads.
public struct WindowedRestoration {
    private let session: RestorationSession
    let grid: WindowGrid
    private let measurement: ImageMeasurement
    private let chosen: ChosenRegularization
    /// Which numbers of the measurement are known and trusted; nil where all are.
    private let trusted: [Bool]?
    private let size: Problem.ImageSize

    /// - Throws: `WindowError` where the rule searches for lambda, the start is an image or the measurement is none; `OperatorError`,
    ///   `ProblemError` and `NoiseEstimateError` as in `Restorer.restore`.
    public init(_ session: RestorationSession, _ measurement: ImageMeasurement, _ grid: WindowGrid) throws {
        self.session = session
        let problem = session.problem
        self.grid = grid
        self.measurement = measurement
        if case .image = session.start { throw WindowError.startImage }
        if measurement.start != nil { throw WindowError.startImage }
        size = try problem.imageSize(ofMeasurement: measurement.size)
        let known = try problem.knownPixels(size, seed: measurement.seed)
        let joined = Self.joined(known, measurement.trusted, measurement.shape)
        let sample = try measurement.sample(trusting: joined)
        let identity = try Identity(imageShape: sample.shape).trusting(sample.trusted)
        chosen = try ChosenRegularization(session.regularization, for: sample, of: problem, identity)
        if chosen.criterion != nil { throw WindowError.regularizationRule }
        trusted = joined
    }

    var restorer: Restorer { session.restorer }
    var problem: Problem { session.problem }

    /// Solves all windows, in rows from the top.
    ///
    /// - Parameters:
    ///   - onWindow: called before window number n, from 0.
    ///   - onProgress: called for each accepted iterate of each window; its measurement is the number of the window.
    ///   - checkpoint: called before each evaluation; where it throws the call ends, with that error.
    /// - Throws: what the closures throw, and what keeps a window from being solved.
    public func run(
        onWindow: (Int) throws -> Void = { _ in }, onProgress: ((Int, RestorationProgress) throws -> Void)? = nil,
        checkpoint: (() throws -> Void)? = nil
    ) throws -> WindowedImage {
        try run(from: nil, onWindow: onWindow, onProgress: onProgress, checkpoint: checkpoint)
    }

    /// - Parameters:
    ///   - state: what an earlier process has left of it.
    ///   - isTimeUp: whether the time of the whole call is used up.
    ///   - onState: given what is known after each window, made when it is asked for.
    /// - Throws: as the other call, and `SolveStateError` for the state of another picture.
    package func run(
        from state: SolveState?, onWindow: (Int) throws -> Void = { _ in }, onProgress: ((Int, RestorationProgress) throws -> Void)? = nil,
        checkpoint: (() throws -> Void)? = nil, isTimeUp: (() -> Bool)? = nil, onState: ((() -> SolveState) throws -> Void)? = nil
    ) throws -> WindowedImage {
        let channels = restorer.prior.imageChannels
        let shape = ImageShape(channels: channels, height: size.height, width: size.width)
        var picture = [Float](repeating: 0, count: shape.count)
        var solves = WindowSolves()
        var filling = problem.measuresPixels ? trusted.map { Filling(known: $0, values: measurement.values) } : nil
        let bound = isDenoising ? chosen.noiseEstimate.map { NoiseBound(deviation: $0.deviation) } : nil
        var first = 0
        if let state {
            picture = try state.vector("picture", count: picture.count)
            solves = try WindowSolves(resuming: state)
            first = try state.count("windows")
            if let known = filling {
                filling = Filling(
                    known: try state.vector("known", count: known.known.count).map { $0 == 1 },
                    values: try state.vector("values", count: known.values.count))
            }
        }
        for index in first ..< max(first, grid.count) {
            try onWindow(index)
            let spans = grid.spans(index)
            let window = try self.window(spans, filling)
            var restored: RestoredImage?
            var events = RestorationStream.Events(onProgress: { try onProgress?(index, $0) }, checkpoint: checkpoint) {
                restored = try $1.get()
            }
            events.isTimeUp = isTimeUp
            try session.session(for: window.problem, .fixed(chosen.regularizationWeight)).restore([window.measurement], events)
            guard let restored else { continue }
            solves.add(restored)
            let measured = try bound.map { _ in try window.measurement.values(channels: channels, as: restored.image.shape) }
            let bounded = try bound.map { try $0(restored.image, measured: measured ?? []) } ?? restored.image
            grid.add(bounded.pixels, index, channels: channels, to: &picture, of: size)
            filling?.add(restored.image.pixels, index, grid, channels: channels, measured: measurement.shape.channels, of: size)
            try onState? {
                var state = solves.state
                state.vectors["picture"] = picture
                state.set("windows", Double(index + 1))
                if let filling {
                    state.vectors["known"] = filling.known.map { $0 ? 1 : 0 }
                    state.vectors["values"] = filling.values
                }
                return state
            }
        }
        return WindowedImage(
            image: try Image(shape: shape, pixels: picture), regularizationWeight: chosen.regularizationWeight,
            noiseDeviation: chosen.noiseDeviation,
            noiseEstimate: chosen.noiseEstimate,
            missing: MissingCount(measured: trusted ?? [Bool](repeating: true, count: measurement.shape.pixels), shape: measurement.shape),
            solves: solves)
    }

    /// Whether all pixels are measured, as they are but for noise.
    private var isDenoising: Bool { problem.isDenoising && trusted == nil }

    /// The problem of one window. Where it measures pixels themselves, pixels that are missing are not trusted, and all that is left is noise.
    private func window(
        _ spans: (rows: Range<Int>, columns: Range<Int>), _ filling: Filling?
    ) throws -> (problem: Problem, measurement: ImageMeasurement) {
        let channels = measurement.shape.channels
        func cut<Number>(_ numbers: [Number]) -> [Number] {
            numbers.cut(rows: spans.rows, columns: spans.columns, from: measurement.size, channels: channels)
        }
        let shape = ImageShape(channels: channels, height: spans.rows.count, width: spans.columns.count)
        let image = try Image(shape: shape, pixels: cut(filling?.values ?? measurement.values))
        var keep = (filling?.known ?? trusted).map(cut)
        if let margin = margin(spans, shape) { keep = Self.joined(margin, keep, shape) }
        if keep?.contains(false) == false { keep = nil }
        let size = Problem.ImageSize(height: shape.height, width: shape.width)
        if keep?.contains(true) == false { throw WindowError.nothingKnown(size) }
        return (problem.measuresPixels ? .denoise : problem, ImageMeasurement(image, seed: measurement.seed, trusted: keep))
    }

    /// Which pixels of the measurement of a window depend on nothing beyond those of its edges that lie inside of the picture; nil where
    /// all do not, or where the problem itself takes what lies beyond for unknown.
    private func margin(_ spans: (rows: Range<Int>, columns: Range<Int>), _ shape: ImageShape) -> [Bool]? {
        let reach = (problem.reach + grid.scale - 1) / grid.scale
        guard reach > 0, grid.count > 1, !problem.isWindow else { return nil }
        func inside(_ span: Range<Int>, of axis: WindowAxis) -> Range<Int> {
            let isWhole = axis.spans.count == 1
            let first = isWhole || span.lowerBound == 0 ? 0 : reach
            let last = isWhole || span.upperBound == axis.length ? 0 : reach
            return first ..< span.count - last
        }
        let (rows, columns) = (inside(spans.rows, of: grid.rows), inside(spans.columns, of: grid.columns))
        return (0 ..< shape.pixels).map { rows.contains($0 / shape.width) && columns.contains($0 % shape.width) }
    }

    /// What both keep, for each number of a measurement of this shape; each is of its numbers or of its pixels.
    private static func joined(_ first: [Bool]?, _ second: [Bool]?, _ shape: ImageShape) -> [Bool]? {
        guard let some = first ?? second else { return nil }
        let other = first == nil ? some : second ?? some
        return (0 ..< shape.count).map { some[$0 % some.count] && other[$0 % other.count] }
    }
}

extension ImageMeasurement {
    /// Pixels from which the noise of a picture is estimated, and rows of a band of them.
    private static let samplePixels = 1 << 22
    private static let sampleRows = 64

    /// Bands of rows from top to bottom, enough to estimate the noise of the whole in little memory; all of a picture that is not larger.
    ///
    /// - Parameter trusted: of each number.
    fileprivate func sample(trusting trusted: [Bool]?) throws -> ImageMeasurement {
        let bands = shape.height / Self.sampleRows
        let taken = max(1, Self.samplePixels / (Self.sampleRows * shape.width))
        var whole = self
        whole.trusted = trusted
        guard shape.pixels > Self.samplePixels, taken < bands else { return whole }
        var (pixels, keep): ([Float], [Bool]) = ([], [])
        for channel in 0 ..< shape.channels {
            for band in 0 ..< taken {
                let first = (channel * shape.height + band * bands / taken * Self.sampleRows) * shape.width
                let numbers = first ..< first + Self.sampleRows * shape.width
                pixels += values[numbers]
                if let trusted { keep += trusted[numbers] }
            }
        }
        let size = ImageShape(channels: shape.channels, height: taken * Self.sampleRows, width: shape.width)
        let isUsable = trusted == nil || keep.contains(true)
        guard isUsable else { return whole }
        var sample = ImageMeasurement(try Image(shape: size, pixels: pixels), seed: seed, trusted: trusted == nil ? nil : keep)
        sample.noiseEstimate = noiseEstimate
        return sample
    }
}

/// What is known of a picture with missing pixels: those that were measured, and those that windows have restored.
private struct Filling {
    /// Whether each number of the measurement is known.
    var known: [Bool]
    var values: [Float]

    /// Takes the part of a restored window that counts in the result for known.
    ///
    /// - Parameters:
    ///   - channels: of the restored window; a measurement of one channel takes their mean.
    ///   - measured: channels of the measurement.
    mutating func add(
        _ window: [Float], _ index: Int, _ grid: WindowGrid, channels: Int, measured: Int, of size: Problem.ImageSize
    ) {
        let (row, column) = index.quotientAndRemainder(dividingBy: grid.columns.spans.count)
        let (rows, columns) = grid.spans(index)
        let plane = rows.count * columns.count
        for y in rows where grid.rows.weight(row, at: y) > 0 {
            for x in columns where grid.columns.weight(column, at: x) > 0 {
                let place = (y - rows.lowerBound) * columns.count + x - columns.lowerBound
                for channel in 0 ..< measured {
                    let number = (channel * size.height + y) * size.width + x
                    if known[number] { continue }
                    known[number] = true
                    values[number] =
                        measured == channels
                        ? window[channel * plane + place]
                        : (0 ..< channels).reduce(Float(0)) { $0 + window[$1 * plane + place] } / Float(channels)
                }
            }
        }
    }
}

/// A picture that was restored in windows, and how.
public struct WindowedImage: Sendable {
    /// The restored image on the [0, 1] scale, not clipped, in the prior's channels.
    public let image: Image
    /// lambda
    public let regularizationWeight: Double
    /// sigma that the rule was told or estimated; nil where it asked for none.
    public let noiseDeviation: Double?
    /// The estimate of sigma that the rule used, of the whole picture; nil where it made none.
    public let noiseEstimate: NoiseEstimate?
    /// What of the measurement is missing or not trusted.
    public let missing: MissingCount
    /// The solves of all windows.
    public let solves: WindowSolves
    /// Whether the image can be trusted: what speaks against any of its windows.
    public var trust: Trust { solves.trust }
}

/// The solves of the windows of a picture.
public struct WindowSolves: Sendable {
    /// Evaluations of all windows, of both members of a self-ensemble.
    public private(set) var evaluations = 0
    /// Seconds of the solves of all windows, of both members of a self-ensemble.
    public private(set) var seconds = 0.0
    /// Why the solve of each window ended, in the order of the windows.
    public private(set) var stops: [StopReason] = []
    /// The first solve that diverged; then the image is not to be used.
    public private(set) var diverged: Restoration?
    /// What speaks against any of the windows.
    private(set) var trust = Trust.unknown

    init() {}

    /// What an earlier process counted.
    fileprivate init(resuming state: SolveState) throws(SolveStateError) {
        evaluations = try state.count("evaluations")
        seconds = try state.number("seconds")
        for stop in try state.numbers("stops") {
            guard let index = Int(exactly: stop), StopReason.allCases.indices.contains(index) else { throw SolveStateError(name: "stops") }
            stops.append(StopReason.allCases[index])
        }
        if let part = state.part("diverged") { diverged = try Restoration(resuming: part) }
        trust = Trust(try TrustFinding.findings(of: state.numbers("trust")), nil)
    }

    fileprivate var state: SolveState {
        var state = SolveState()
        state.set("evaluations", Double(evaluations))
        state.set("seconds", seconds)
        state.numbers["stops"] = stops.map { Double(StopReason.allCases.firstIndex(of: $0) ?? 0) }
        if let diverged { state.add(diverged.state, as: "diverged") }
        state.numbers["trust"] = trust.findings.flatMap(\.numbers)
        return state
    }

    mutating func add(_ window: RestoredImage) {
        evaluations += window.evaluations
        seconds += window.restoration.seconds + (window.mirrored?.seconds ?? 0)
        stops.append(window.diverged?.stop ?? window.restoration.stop)
        if diverged == nil { diverged = window.diverged }
        trust = Trust(windows: [trust, window.trust])
    }
}

/// Why a picture cannot be restored in windows.
public enum WindowError: ReglowError, Equatable {
    /// A rule that searches for lambda, or a start at an image: both need the whole picture.
    case regularizationRule, startImage
    /// A window of this size without a pixel that is known.
    case nothingKnown(Problem.ImageSize)

    public var category: ReglowErrorCategory { .problem }

    /// The reason, with what helps.
    public var description: String {
        switch self {
        case .regularizationRule:
            "the whole picture needs more memory than there is, and in windows no rule searches for the regularization weight: give it as a number, or leave it out"
        case .startImage:
            "the whole picture needs more memory than there is, and windows do not start at an image: leave out --start"
        case .nothingKnown(let size):
            "the whole picture needs more memory than there is, and a window of \(size) has no known pixel: give more memory"
        }
    }
}

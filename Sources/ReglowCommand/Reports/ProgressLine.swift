import Glibc
import Reglow
import TrainingReports

/// What a command is doing and how far it is, on standard error: one line that is drawn anew on a terminal and fits its width, elsewhere
/// a plain line every ten seconds.
///
/// The time left is an upper bound: it counts evaluations up to the budget, and most images stop before.
final class ProgressLine {
    /// What is being done.
    enum Activity: String {
        case reading, planning, preparing, solving, sampling, writing
    }

    private let label: String
    private let images: Int
    private let budget: Int
    private let isTerminal = StandardError.isTerminal
    private let began = ContinuousClock.now
    private var shown: ContinuousClock.Instant
    private var activity = Activity.preparing
    /// The file that the activity is about.
    private var name = ""
    /// The latest image, from 0, and its latest window with how many there are.
    private var image = 0
    private var window: (number: Int, count: Int)?
    /// The evaluations of the images that are being solved, as a part of their budget, by the number of the image.
    private var fractions: [Int: Double] = [:]
    private var objectives: [Int: Double] = [:]
    private var done = 0

    private static let barWidth = 20
    private static let usualColumns = 80

    init(label: String, images: Int, budget: Int) {
        self.label = label
        self.images = images
        self.budget = budget
        // The first plain line is due after a second.
        shown = isTerminal ? began - .seconds(1) : began - .seconds(9)
    }

    /// Another activity begins, with this file.
    func begin(_ activity: Activity, _ name: String = "", image: Int? = nil) {
        self.activity = activity
        self.name = DisplayWidth.printable(name)
        if let image { self.image = image }
        window = nil
        show(isDue: isTerminal)
    }

    /// Window `number`, from 0, of the image is the next.
    func begin(window number: Int, of count: Int, image: Int) {
        self.image = image
        window = (number, count)
        activity = .preparing
        fractions[image] = Double(number) / Double(count)
        show(isDue: isTerminal)
    }

    func update(_ progress: RestorationProgress) { update(progress, image: progress.measurement) }

    /// - Parameter image: the number of the image that the progress is of.
    func update(_ progress: RestorationProgress, image: Int) {
        let begins = activity != .solving
        activity = .solving
        self.image = image
        let part = progress.isLast ? 1 : min(1, Double(progress.entry.evaluation) / Double(budget))
        fractions[image] = window.map { (Double($0.number) + part) / Double($0.count) } ?? part
        objectives[image] = progress.entry.objective
        show(isDue: begins && isTerminal)
    }

    /// - Parameter image: the number of the image that is being sampled, whose mode is known.
    func update(_ progress: PosteriorProgress, image: Int) {
        let begins = activity != .sampling
        activity = .sampling
        self.image = image
        objectives[image] = nil
        fractions[image] = Double(progress.done) / Double(progress.count)
        show(isDue: begins && isTerminal)
    }

    /// The image is done, or has failed.
    func end(image: Int) {
        done += 1
        fractions[image] = nil
        objectives[image] = nil
    }

    /// A line that stays.
    func tell(_ text: String) {
        if isTerminal { StandardError.write("\r\u{1B}[K") }
        StandardError.write("reglow: \(text)\n")
    }

    /// Takes the line away; plain lines stay.
    func finish() {
        if isTerminal { StandardError.write("\r\u{1B}[K") }
    }

    private func show(isDue: Bool) {
        let now = ContinuousClock.now
        guard isDue || shown.duration(to: now) >= (isTerminal ? .milliseconds(100) : .seconds(10)) else { return }
        shown = now
        if isTerminal {
            StandardError.write("\r" + line(Self.terminalColumns - 1, now) + "\u{1B}[K")
        } else {
            StandardError.write("reglow: \(label): \(([place] + measures(now)).joined(separator: ", "))\n")
        }
    }

    /// What fits into so many columns: where the work is, a bar, and how far it is, the less important left out first.
    private func line(_ columns: Int, _ now: ContinuousClock.Instant) -> String {
        let filled = Int(fraction * Double(Self.barWidth))
        let bar = "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barWidth - filled) + "]"
        let percent = "\(Int(100 * fraction)) %"
        var parts = [bar, percent] + measures(now).dropFirst()
        let place = place(columns: columns)
        func joined() -> String { ([place] + parts).joined(separator: "  ") }
        while !parts.isEmpty, DisplayWidth.columns(of: joined()) > columns {
            if parts.first == bar, parts.count > 2 { parts.removeFirst() } else { parts.removeLast() }
        }
        return DisplayWidth.head(joined(), columns: columns)
    }

    private var place: String { place(columns: 1000) }

    /// The activity, the image and the window; with the end of a name, as far as there is room for it.
    private func place(columns: Int) -> String {
        let ofAll = images > 1 ? ", image \(image + 1) of \(images)" : ""
        let inWindow = window.map { ", window \($0.number + 1) of \($0.count)" } ?? ""
        let room = min(Self.nameColumns, columns - DisplayWidth.columns(of: activity.rawValue + ofAll + inWindow) - 1)
        let isNamed =
            !name.isEmpty && activity != .solving && activity != .sampling && room >= min(Self.fewColumns, DisplayWidth.columns(of: name))
        return activity.rawValue + (isNamed ? " " + DisplayWidth.tail(name, columns: room) : "") + ofAll + inWindow
    }

    /// Columns of a name at most, and those below which it would say nothing.
    private static let nameColumns = 32
    private static let fewColumns = 8

    /// Percent, objective and time left, as far as there are any.
    private func measures(_ now: ContinuousClock.Instant) -> [String] {
        guard !fractions.isEmpty || done > 0 else { return [] }
        let objective = objectives.isEmpty ? [] : ["objective \((objectives.values.reduce(0, +) / Double(objectives.count)).general(5))"]
        return ["\(Int(100 * fraction)) % of the evaluations"] + objective + (fraction > 0 ? ["at most \(timeLeft(now)) left"] : [])
    }

    private var fraction: Double {
        min(1, (Double(done) + fractions.values.reduce(0, +)) / Double(max(1, images)))
    }

    private func timeLeft(_ now: ContinuousClock.Instant) -> String {
        let (whole, attoseconds) = began.duration(to: now).components
        let elapsed = Double(whole) + 1e-18 * Double(attoseconds)
        let seconds = Int(min(1e9, (elapsed * (1 - fraction) / max(fraction, 1e-9)).rounded(.up)))
        return seconds < 100 ? "\(seconds) s" : "\((seconds + 59) / 60) min"
    }

    /// Asked for each line, because a window may have been resized.
    private static var terminalColumns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return usualColumns }
        return Int(size.ws_col)
    }
}

import Files

/// The part of a job that one of several processes does.
public struct Shard: Sendable, Hashable, CustomStringConvertible {
    /// From 0 to `count` - 1.
    public let index: Int
    /// How many parts there are.
    public let count: Int

    /// The most parts that a job is cut into.
    public static let most = 65_535

    /// The whole job.
    public static let whole = Shard(uncheckedIndex: 0, count: 1)

    /// Part `index`, counted from 0, of `count`.
    ///
    /// - Throws: `ShardError` for numbers that are no part.
    public init(index: Int, count: Int) throws(ShardError) {
        guard (1 ... Self.most).contains(count) else { throw .count(count) }
        guard (0 ..< count).contains(index) else { throw .index(index < .max ? index + 1 : index, count: count) }
        self.init(uncheckedIndex: index, count: count)
    }

    private init(uncheckedIndex index: Int, count: Int) { (self.index, self.count) = (index, count) }

    /// `2/4`: parts are counted from 1.
    public var description: String { "\(index + 1)/\(count)" }

    /// The part that `I/N` names. Each of both is a number or the name of an environment variable that holds one.
    ///
    /// - Parameters:
    ///   - text: `I/N`.
    ///   - base: what the first part is called, 0 or 1.
    ///   - environment: the variables, by their names.
    /// - Throws: `ShardError`.
    public init(parsing text: String, base: Int = 1, environment: [String: String]) throws(ShardError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .text(text) }
        func number(_ part: Substring) throws(ShardError) -> Int {
            if let number = Int(part) { return number }
            guard let first = part.first, first.isLetter || first == "_", part.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
            else {
                throw .text(text)
            }
            guard let value = environment[String(part)] else { throw .variable(String(part), value: nil) }
            guard let number = Int(value) else { throw .variable(String(part), value: value) }
            return number
        }
        let (index, count) = (try number(parts[0]), try number(parts[1]))
        guard (1 ... Self.most).contains(count) else { throw .count(count) }
        let (place, overflows) = index.subtractingReportingOverflow(base)
        guard !overflows, (0 ..< count).contains(place) else { throw .outOfRange(index, base: base, count: count) }
        self.init(uncheckedIndex: place, count: count)
    }

    /// The part that is this task's of a Slurm job array; nil outside of one.
    ///
    /// Task SLURM_ARRAY_TASK_ID of those from _MIN in steps of _STEP is part (ID - MIN) / STEP of _COUNT.
    ///
    /// - Throws: `ShardError` for an array whose numbers have gaps.
    public init?(slurm environment: [String: String]) throws(ShardError) {
        func number(_ name: String) -> Int? { environment["SLURM_ARRAY_TASK_" + name].flatMap { Int($0) } }
        guard let id = number("ID") else { return nil }
        let (least, step) = (number("MIN") ?? id, number("STEP") ?? 1)
        guard let count = number("COUNT"), step > 0, least >= 0, id >= least, (id - least) % step == 0, (1 ... Self.most).contains(count),
            (id - least) / step < count, number("MAX").map({ $0 >= least && ($0 - least) / step == count - 1 }) ?? true
        else { throw .slurm }
        self.init(uncheckedIndex: (id - least) / step, count: count)
    }
}

/// Numbers that name no part of a job.
public enum ShardError: ReglowError, Equatable {
    /// A count that is none.
    case count(Int)
    /// A part, counted from 1, that is not there.
    case index(Int, count: Int)
    /// A part that is not there, where the first is called `base`.
    case outOfRange(Int, base: Int, count: Int)
    /// A text that is not `I/N`.
    case text(String)
    /// An environment variable that is not set, or holds no number.
    case variable(String, value: String?)
    /// An array of Slurm whose numbers have gaps.
    case slurm

    public var category: ReglowErrorCategory { .option(name: "shard") }

    public var description: String {
        switch self {
        case .count(let count): "\(count) shards cannot be: there are from 1 to \(Shard.most)"
        case .index(let index, let count): "shard \(index) of \(count) is not there"
        case .outOfRange(let index, let base, let count):
            "shard \(index) of \(count) is not there: they are called \(base) to \(base.addingReportingOverflow(count - 1).partialValue)"
                + (index == 0 ? "; where the first is called 0, say so (--shard-base 0)" : "")
        case .text(let text): "'\(text)' is no shard: 2/4 is the second of four, and either may be the name of an environment variable"
        case .variable(let name, nil): "the environment variable \(name) is not set"
        case .variable(let name, let value?): "the environment variable \(name) is '\(value)', which is no number"
        case .slurm:
            "the numbers of the Slurm array (SLURM_ARRAY_TASK_ID, _MIN, _MAX, _STEP, _COUNT) have gaps, so that they name no shards: give an array such as 0-7, or --shard I/N"
        }
    }
}

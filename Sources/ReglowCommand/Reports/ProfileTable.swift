import Reglow
import TrainingReports

extension Profile {
    /// The table for people: phases, the longest first, then the groups that they are part of.
    var text: String {
        var lines = [
            "profile: \(seconds.fixed(3)) s, threads \(threads)",
            Self.line(["phase", "seconds", "%", "calls"] + (threads > 1 ? ["other threads"] : [])),
        ]
        lines += phases.map { row in
            Self.line(Self.cells(row) + (threads > 1 ? [Self.seconds(row.secondsOfOtherThreads)] : []))
        }
        lines.append(
            Self.line(["between phases", Self.seconds(secondsBetweenPhases), Self.percent(100 * secondsBetweenPhases / seconds)]))
        lines.append("within")
        lines += groups.map { Self.line(Self.cells($0)) }
        if droppedEvents > 0 { lines.append("\(droppedEvents) events did not fit into the trace; the table has them") }
        return lines.joined(separator: "\n")
    }

    private static func cells(_ row: Row) -> [String] { [row.phase, seconds(row.seconds), percent(row.percent), "\(row.calls)"] }

    /// Name, seconds, percent, calls, and seconds of the other threads, or only the first of them.
    private static func line(_ cells: [String]) -> String {
        Columns.line(zip(cells, [-26, 10, 6, 9, 13]).map { (text: $0, width: $1) })
    }

    private static func seconds(_ value: Double) -> String { value.fixed(4) }
    private static func percent(_ value: Double) -> String { value.fixed(1) }
}

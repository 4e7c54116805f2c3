import Foundation
import Reglow
import Testing

/// The events of a trace file, with the event that each lies in.
struct RecordedTrace {
    struct Event {
        let thread: Int
        let category: String
        let name: String
        /// Nanoseconds.
        let start: Int
        let duration: Int
        /// Category of the innermost event that holds this one.
        var parent: String?

        var end: Int { start + duration }
    }

    let events: [Event]
    /// By number.
    let threadNames: [Int: String]
    let otherData: [String: String]

    /// Fails the test where the file has not the shape of a trace, or two events of a thread overlap without one holding the other.
    init(_ bytes: [UInt8]) throws {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(object["displayTimeUnit"] as? String == "ms")
        otherData = try #require(object["otherData"] as? [String: String])
        let list = try #require(object["traceEvents"] as? [[String: Any]])
        var names: [Int: String] = [:]
        var events: [Event] = []
        for entry in list {
            #expect(entry["pid"] as? Int == 1)
            let thread = try #require(entry["tid"] as? Int)
            let name = try #require(entry["name"] as? String)
            if entry["ph"] as? String == "M" {
                if name == "thread_name" { names[thread] = (entry["args"] as? [String: String])?["name"] }
                continue
            }
            #expect(entry["ph"] as? String == "X")
            let (start, duration) = (try #require(entry["ts"] as? Double), try #require(entry["dur"] as? Double))
            events.append(
                Event(
                    thread: thread, category: try #require(entry["cat"] as? String), name: name,
                    start: Int((1000 * start).rounded()), duration: Int((1000 * duration).rounded())))
        }
        threadNames = names
        self.events = Set(events.map(\.thread)).sorted().flatMap { thread in Self.nested(events.filter { $0.thread == thread }) }
    }

    /// The events of one thread in the file's order, each with its parent.
    private static func nested(_ events: [Event]) -> [Event] {
        var open: [Event] = []
        return events.map { event in
            #expect(event.start >= 0 && event.duration > 0)
            #expect(event.start >= open.last?.start ?? 0, "\(event) begins before \(String(describing: open.last))")
            while let last = open.last, last.end <= event.start { open.removeLast() }
            if let last = open.last { #expect(event.end <= last.end, "\(event) overlaps \(last)") }
            var event = event
            event.parent = open.last?.category
            open.append(event)
            return event
        }
    }
}

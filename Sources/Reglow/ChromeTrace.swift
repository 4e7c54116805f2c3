import Files
import FoundationEssentials
import KernelInterface

/// What a `PhaseRecorder` has, as a file that Perfetto (ui.perfetto.dev) and chrome://tracing open.
///
///     {"traceEvents": [
///       {"ph": "M", "pid": 1, "tid": 1, "name": "thread_name", "args": {"name": "calling thread"}}, ...,
///       {"ph": "X", "pid": 1, "tid": 1, "ts": 12.345, "dur": 6.789, "cat": "level", "name": "level 1"}, ...],
///      "displayTimeUnit": "ms", "otherData": {...}}
///
/// A worker of the recorder is a thread, number 1 is the calling one; `ts` and `dur` are microseconds. `cat` is the name of the phase,
/// `name` has its number too. The events of a thread stand in the order in which they began, outer ones first.
///
/// Source: the JSON object format of "Trace Event Format" (The Chromium Authors).
public enum ChromeTrace {
    /// Returns the trace as JSON.
    ///
    /// - Parameters:
    ///   - recorder: what was recorded.
    ///   - process: what ran, the title of the tracks.
    ///   - otherData: whatever else the reader should know, beside the number of events that were dropped.
    public static func encode(
        _ recorder: PhaseRecorder, process: String, otherData: [String: String] = [:]
    ) throws -> [UInt8] {
        var text = Array("{\"traceEvents\": [\n".utf8)
        text += try metadata("process_name", thread: 1, value: process)
        for worker in 0 ..< recorder.threads {
            text += Array(",\n".utf8)
            text += try metadata("thread_name", thread: worker + 1, value: worker == 0 ? "calling thread" : "worker \(worker)")
        }
        for worker in 0 ..< recorder.threads { append(recorder, worker, to: &text) }
        let other = otherData.merging(["dropped_events": "\(recorder.droppedEvents)"]) { $1 }
        text += Array("\n],\n\"displayTimeUnit\": \"ms\",\n\"otherData\": ".utf8)
        text += try json(other)
        text += Array("}\n".utf8)
        return text
    }

    /// Writes the trace atomically (`AtomicFile`).
    ///
    /// - Throws: `FileError` when the file cannot be written.
    public static func write(
        _ recorder: PhaseRecorder, to path: String, process: String, otherData: [String: String] = [:]
    ) throws {
        try AtomicFile.write(try encode(recorder, process: process, otherData: otherData), to: path)
    }

    private static func metadata(_ name: String, thread: Int, value: String) throws -> [UInt8] {
        var text = Array("{\"ph\": \"M\", \"pid\": 1, \"tid\": \(thread), \"name\": \"\(name)\", \"args\": {\"name\": ".utf8)
        text += try json(value)
        text += Array("}}".utf8)
        return text
    }

    private static func append(_ recorder: PhaseRecorder, _ worker: Int, to text: inout [UInt8]) {
        let head = Array(",\n{\"ph\": \"X\", \"pid\": 1, \"tid\": \(worker + 1), \"ts\": ".utf8)
        let names = Dictionary(
            uniqueKeysWithValues: recorder.totals(worker: worker).map { total in
                (total.phase.number, Array("\(total.phase.name)".utf8))
            })
        let events = recorder.events(worker: worker).sorted { ($0.start, $1.duration) < ($1.start, $0.duration) }
        text.reserveCapacity(text.count + 128 * events.count)
        for event in events {
            let name = names[event.phase] ?? []
            text += head
            append(microseconds: event.start, to: &text)
            text += Array(", \"dur\": ".utf8)
            append(microseconds: event.duration, to: &text)
            text += Array(", \"cat\": \"".utf8)
            text += name
            text += Array("\", \"name\": \"".utf8)
            text += name
            if event.number >= 0 { text += Array(" \(event.number)".utf8) }
            text += Array("\"}".utf8)
        }
    }

    /// Nanoseconds as microseconds with three decimals.
    private static func append(microseconds nanoseconds: Int64, to text: inout [UInt8]) {
        text += Array("\(nanoseconds / 1000).".utf8)
        let fraction = Int(nanoseconds % 1000)
        for divisor in [100, 10, 1] { text.append(UInt8(48 + fraction / divisor % 10)) }
    }

    private static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}

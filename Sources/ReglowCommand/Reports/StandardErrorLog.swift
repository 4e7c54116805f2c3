import Glibc
import Logging
import Reglow

/// Writes messages to standard error as plain lines: `reglow: note: face.png: alpha channel dropped`.
struct StandardErrorLog: LogHandler {
    var metadata = Logger.Metadata()
    var metadataProvider: Logger.MetadataProvider?
    var logLevel = Logger.Level.notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let kind = event.level == .notice ? "note" : event.level.rawValue
        // A line of progress that stands on a terminal makes room.
        let clearing = StandardError.isTerminal ? "\r\u{1B}[K" : ""
        StandardError.write(clearing + "reglow: \(kind): \(PathName.shown(inText: "\(event.message)"))\n")
    }
}

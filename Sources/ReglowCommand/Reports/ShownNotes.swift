import Logging
import Reglow

extension Notes {
    /// Notes that are lines of standard error as well, by way of a log.
    convenience init(_ log: Logger) {
        self.init { level, note in
            let line: Logger.Message = "\(PathName.shown(note.about)): \(note.text)"
            switch level {
            case .note: log.notice(line)
            case .detail: log.info(line)
            }
        }
    }
}

import CReglow
import Files
import InverseSolvers
import Reglow

/// Runs the body of a function of the interface; what it throws becomes a status, and the text of the thread's last error.
func answer(_ body: () throws -> Void) -> reglow_status {
    do {
        try body()
        return REGLOW_OK
    } catch {
        let fault = Fault(of: error)
        remember(fault.text)
        return fault.status
    }
}

/// The same for a function that returns something; `otherwise` where it cannot.
func answer<Result>(otherwise: Result, _ body: () throws -> Result) -> Result {
    do {
        return try body()
    } catch {
        remember(Fault(of: error).text)
        return otherwise
    }
}

/// Makes a text the last error of this thread.
func remember(_ text: String) { PathName.shown(inText: text).withCString { reglow_set_error_text($0) } }

extension Fault {
    /// What an error of the library is to a caller of the interface.
    init(of error: any Error) {
        switch error {
        case let fault as Fault: self = fault
        case let error as MeasurementError: self.init(Fault(of: error.reason).status, Fault(of: error.reason).text)
        case let error as any ReglowError: self.init(Self.status(of: error.category), "\(error)")
        default: self.init(REGLOW_FAILED, "\(error)")
        }
    }

    private static func status(of category: ReglowErrorCategory) -> reglow_status {
        switch category {
        case .file: REGLOW_FILE_ERROR
        case .option, .measurement, .problem: REGLOW_BAD_ARGUMENT
        case .memory: REGLOW_OUT_OF_MEMORY
        case .processor, .training: REGLOW_FAILED
        }
    }
}

import CReglow
import KernelDispatch
import Reglow

@c @implementation
public func reglow_last_error() -> UnsafePointer<CChar>? { reglow_error_text() }

@c @implementation
public func reglow_status_name(_ status: reglow_status) -> UnsafePointer<CChar>? {
    let names = [
        "ok", "bad argument", "bad handle", "busy", "stale record", "file error", "out of memory", "cancelled", "callback failed",
        "diverged",
        "failed",
    ]
    return LastingText.pointer(status.rawValue < names.count ? names[Int(status.rawValue)] : "unknown status")
}

@c @implementation
public func reglow_version() -> UnsafePointer<CChar>? { LastingText.pointer(reglowVersion) }

@c @implementation
public func reglow_instruction_set() -> UnsafePointer<CChar>? {
    answer(otherwise: nil) { LastingText.pointer(try InstructionSet.selected().rawValue) }
}

@c @implementation
public func reglow_available_threads() -> Int { ThreadCount.available() }

import CReglow

/// What a function answers that cannot do what it was asked: a status, and the sentence of `reglow_last_error`.
struct Fault: Error {
    let status: reglow_status
    let text: String

    init(_ status: reglow_status, _ text: String) { (self.status, self.text) = (status, text) }

    /// An argument at fault.
    static func argument(_ text: String) -> Fault { Fault(REGLOW_BAD_ARGUMENT, text) }
}

/// Throws the fault of an argument unless the condition holds.
func require(_ holds: Bool, _ text: @autoclosure () -> String) throws(Fault) {
    if !holds { throw Fault.argument(text()) }
}

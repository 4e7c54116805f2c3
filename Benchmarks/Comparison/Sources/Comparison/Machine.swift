/// What a number was measured on: the head of what `reglow info --json` writes.
package struct Machine: Codable, Equatable, CustomStringConvertible {
    package var cpu: String
    /// The instruction set that a flow takes.
    package var isa: String
    /// Threads that a process may use.
    package var threads: Int

    package init(cpu: String, isa: String, threads: Int) {
        self.cpu = cpu
        self.isa = isa
        self.threads = threads
    }

    package var description: String { "\(cpu), \(isa), \(threads) \(threads == 1 ? "thread" : "threads")" }

    /// The name of the file with its baseline: CPU, instruction set and threads, without what a file name had better not have.
    package var fileName: String {
        let words = "\(cpu) \(isa) \(threads)".split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
        return words.joined(separator: "-") + ".json"
    }
}

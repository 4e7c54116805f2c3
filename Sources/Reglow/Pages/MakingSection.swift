import Files
import FoundationEssentials
import Glibc
import KernelDispatch
import Plots
import ReportPages
import TrainingReports

/// The end of each page: the command, its parameters, the machine and the versions.
package enum MakingSection {
    /// - Parameters:
    ///   - command: its arguments; empty where there was none.
    ///   - threads: nil is what the machine offers.
    package static func section(
        command: [String], parameters: [(name: String, value: String)], notes: [String], threads: Int?
    ) -> ReportPage.Section {
        var parts: [Markup] = []
        if !command.isEmpty {
            parts += [.element("h3", [:], "Command"), .element("pre", [:], PathName.shown(PageParts.shellLine(command)))]
        }
        if !notes.isEmpty {
            parts += [.element("h3", [:], "Notes"), .element("ul", [:], notes.map { .element("li", [:], PathName.shown($0)) })]
        }
        if !parameters.isEmpty { parts += [.element("h3", [:], "Parameters"), PageParts.facts(parameters)] }
        parts += [.element("h3", [:], "Machine and versions"), PageParts.facts(machine(threads))]
        return ReportPage.Section("How it was made", parts)
    }

    private static func machine(_ threads: Int?) -> [(name: String, value: String)] {
        let set = (try? InstructionSet.selected().rawValue) ?? "unknown"
        return [
            ("reglow", reglowVersion), ("processor", processorName()), ("instruction set", set),
            ("threads", "\(threads ?? ThreadCount.available())"), ("system", system), ("made at", Date.now.formatted(.iso8601)),
        ]
    }

    /// The operating system, its version and the kind of machine.
    private static var system: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        return [text(of: name.sysname), text(of: name.release), text(of: name.machine)].joined(separator: " ")
    }

    private static func text<Field>(of field: Field) -> String {
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

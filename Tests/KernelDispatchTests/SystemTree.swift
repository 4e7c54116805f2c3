import TestSupport

extension TemporaryFolder {
    /// Writes a file as the kernel shows it, in a folder that stands for the root of a system.
    func write(_ text: String, to path: String) throws { try file(path, holding: text.utf8) }
}

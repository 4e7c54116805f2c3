import Reglow
import TestSupport
import Testing

extension TemporaryFolder {
    /// What stands in x.png before a call.
    static let former: [UInt8] = [1, 2, 3]

    /// A folder with a picture `good.png`, a prior, and a file `x.png` that a call which fails must leave as it is.
    static func forRefusals() throws -> TemporaryFolder {
        let folder = try withModel()
        try folder.writePicture("good.png")
        try folder.file("x.png", holding: former)
        return folder
    }

    /// Runs the command and expects this exit code, one error that holds each of `words`, no output, and no file that was changed or made.
    func expectRefusal(
        _ status: Int32, _ words: [String], _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try contents()
        let ending = try Command.fail(status, naming: words, arguments: arguments, in: self, sourceLocation: sourceLocation)
        #expect(ending.output.isEmpty, sourceLocation: sourceLocation)
        #expect(try bytes("x.png") == Self.former, sourceLocation: sourceLocation)
        #expect(try contents() == before, sourceLocation: sourceLocation)
    }
}

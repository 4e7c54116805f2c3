import Files
import GlowModel
import InverseSolvers
import KernelInterface

/// The state of an unfinished image as a file, `reglow-solve/1`: safetensors with the vectors as F32, the numbers as F64, and in the metadata
/// what the state belongs to.
package struct JobCheckpoint {
    /// What must be the same for a solve that goes on: the job, the measurement, and what the bits of a result depend on.
    package struct Owner: Equatable, Sendable {
        package let job: String
        package let inputSha256: String
        package let isa: String
        /// The precision in which its gradients began, which the processor may decide.
        package let gradients: Precision
        package let version: String

        package init(job: String, inputSha256: String, isa: String, gradients: Precision, version: String) {
            (self.job, self.inputSha256, self.isa, self.gradients, self.version) = (job, inputSha256, isa, gradients, version)
        }

        fileprivate var metadata: [String: String] {
            [
                "format": JobCheckpoint.format, "job": job, "input_sha256": inputSha256, "isa": isa, "gradients": gradients.rawValue,
                "version": version,
            ]
        }
    }

    private static let format = "reglow-solve/1"
    private static let number = "number."
    private static let vector = "vector."

    /// Writes the state. A file at `path` is replaced only when the new one is complete.
    ///
    /// - Throws: `FileError` that names the file.
    package static func write(_ state: SolveState, of owner: Owner, to path: String, _ durability: AtomicFile.Durability) throws {
        let numbers = state.numbers.map { SafetensorsTensor(number + $0.key, shape: [$0.value.count], $0.value) }
        let vectors = state.vectors.map { SafetensorsTensor(vector + $0.key, shape: [$0.value.count], $0.value) }
        // As they are: a copy of all would take as much memory as the solve.
        let live = state.liveVectors.map {
            SafetensorsTensor(vector + $0.key, borrowing: BorrowedFloats($0.value.elements, count: $0.value.count))
        }
        try SafetensorsFile.write(
            tensors: (numbers + vectors + live).sorted { $0.name < $1.name }, metadata: owner.metadata, to: path, durability)
    }

    /// The state in a file; nil where it belongs to something else.
    ///
    /// - Throws: `ModelFileError` or `FileError` for a file that is damaged.
    package static func read(_ path: String, for owner: Owner) throws -> SolveState? {
        let file = try SafetensorsFile(path: path)
        guard file.metadata == owner.metadata else { return nil }
        var state = SolveState()
        for name in file.tensorNames {
            let shape = try file.shape(name)
            if name.hasPrefix(number) {
                state.numbers[String(name.dropFirst(number.count))] = try file.float64(name, shape: shape, requiresFinite: false)
            } else if name.hasPrefix(vector) {
                state.vectors[String(name.dropFirst(vector.count))] = try file.float32(name, shape: shape, requiresFinite: false)
            }
        }
        return state
    }
}

import Files
import GlowModel

/// A model as the state dict of a public implementation of Glow, for those who go on in PyTorch or hold Reglow against it.
///
///     try GlowExport(model: "mine.safetensors").write(to: "mine.pt")
///
/// The family is rosinality, `Glow(channels, K, L, affine=...)`. The code builds networks of 512 hidden channels unless its `filter_size` is changed;
/// narrower models are filled up with zeros, one more channel than the model has is needed.
public struct GlowExport: Sendable {
    private let state: RosinalityState
    private let path: String

    /// Opens a model file.
    ///
    /// - Parameters:
    ///   - path: a model file of version 1.
    ///   - hidden: the width of the coupling networks that the code builds; nil is 512, or what the model needs if that is more.
    /// - Throws: `ModelFileError` for a file that is no model, `CheckpointError` for one that the family cannot express, and for a width that is
    ///   too small.
    public init(model path: String, hidden: Int? = nil) throws {
        let source = try ModelFile(path: path)
        guard source.architecture.isStandard else {
            throw CheckpointError(path: path, reason: "is a model of format 2, which has what rosinality's code does not")
        }
        let steps = source.architecture.steps
        guard Set(steps).count == 1 else {
            throw CheckpointError(
                path: path,
                reason: "has levels of \(steps.map(String.init).joined(separator: ", ")) steps, rosinality's code has one number for all")
        }
        state = try RosinalityState(source, hidden: hidden)
        self.path = path
    }

    /// The width of the coupling networks, `filter_size` of the family's code.
    public var hidden: Int { state.hiddenWidth }

    /// Writes the state dict: safetensors for a name that ends so, else a file that `torch.load` reads. A file at `path` is replaced only when the
    /// new one is complete.
    ///
    /// - Throws: `FileError` when it cannot be written, `CheckpointError` for one of more than 4 GiB, `ModelFileError` for a damaged model.
    public func write(to output: String) throws {
        let tensors = try state.tensors()
        if output.hasSuffix(".safetensors") {
            return try SafetensorsFile.write(tensors: tensors.map(\.safetensor), metadata: ["format": "pt"], to: output)
        }
        do {
            try AtomicFile.replace(output) { file in
                var zip = ZipWriter()
                try PickleWriter.stateDict(tensors).withUnsafeBytes { try zip.add("archive/data.pkl", $0, to: file) }
                try Array("little".utf8).withUnsafeBytes { try zip.add("archive/byteorder", $0, to: file) }
                for (index, tensor) in tensors.enumerated() {
                    try tensor.withBytes { try zip.add("archive/data/\(index)", $0, to: file) }
                }
                try Array("3\n".utf8).withUnsafeBytes { try zip.add("archive/version", $0, to: file) }
                try zip.finish(file)
            }
        } catch let error as Fault {
            throw CheckpointError(path: output, reason: error.reason)
        }
    }
}

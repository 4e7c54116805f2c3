import ArgumentParser
import Reglow

/// What a shell offers for the options that are paths.
extension CompletionKind {
    /// Images of the kinds that are read, and the folders on the way to them.
    static var pictures: CompletionKind { .file(extensions: ["png", "jpg", "jpeg", "tif", "tiff", "webp", "npy"]) }
    static var models: CompletionKind { .file(extensions: ["safetensors"]) }
    static var json: CompletionKind { .file(extensions: ["json"]) }
    static var csv: CompletionKind { .file(extensions: ["csv"]) }
}

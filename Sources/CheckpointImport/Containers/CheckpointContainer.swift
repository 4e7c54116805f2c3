import Files
import GlowModel

/// The file that a checkpoint is: which format it has, and its tables of tensors. It stays mapped as long as this object lives.
package final class CheckpointContainer: Sendable {
    /// How tensors are packed into a file.
    package enum Format: String, Sendable {
        case torchZip = "PyTorch (zip)"
        case torchLegacy = "PyTorch (legacy)"
        case numPy = "NumPy archive"
        case safetensors = "safetensors"
    }

    package let path: String
    package let format: Format
    package let tables: [TensorTable]

    private let file: MappedFile

    /// - Throws: `CheckpointError` that names the file, and the entry or tensor of it that is at fault.
    package convenience init(path: String) throws { try self.init(CheckpointContainer.mapped(path)) }

    private init(_ file: MappedFile) throws {
        self.file = file
        path = file.path
        do {
            (format, tables) = try Self.read(file)
        } catch let error as Fault {
            throw CheckpointError(path: file.path, reason: error.reason)
        } catch let error as ModelFileError {
            throw CheckpointError(path: file.path, reason: String(error.description.dropFirst(file.path.count + 2)))
        }
    }

    private static func mapped(_ path: String) throws -> MappedFile {
        do {
            return try MappedFile(path: path)
        } catch let error as ModelFileError {
            throw CheckpointError(path: path, reason: error.fault)
        }
    }

    /// Size of the file.
    var fileBytes: Int { file.bytes.count }

    /// The hash of the file's bytes.
    package func digest() -> String {
        var hash = SHA256()
        hash.update(file.bytes)
        file.evict(0 ..< file.bytes.count)
        return hash.hexDigest()
    }

    /// All values of a tensor of one of the tables, row-major.
    ///
    /// - Throws: `Fault`.
    package func values(_ tensor: StoredTensor) throws -> [Double] { try tensor.values(in: file.bytes) }

    /// Lets the system take back the memory of what has been read.
    func evict() { file.evict(0 ..< file.bytes.count) }

    private static func read(_ file: MappedFile) throws -> (Format, [TensorTable]) {
        let bytes = file.bytes
        if bytes.prefix(4).elementsEqual(ZipDirectory.signature) {
            let directory = try ZipDirectory(bytes)
            if TorchArchive.isOne(directory) { return (.torchZip, try TorchArchive.tables(directory, bytes)) }
            if NumPyArchive.isOne(directory) { return (.numPy, try NumPyArchive.tables(directory, bytes)) }
            throw Fault("is a zip archive, but has neither the data.pkl of PyTorch nor arrays of NumPy")
        }
        if TorchLegacyFile.isOne(bytes) { return (.torchLegacy, try TorchLegacyFile.tables(bytes)) }
        if looksLikeSafetensors(bytes) { return (.safetensors, [try safetensors(file)]) }
        if bytes.first == PickleInstruction.proto.rawValue {
            throw Fault("is a bare pickle, not a file of torch.save")
        }
        throw Fault("is no PyTorch checkpoint, safetensors file or NumPy archive")
    }

    private static func looksLikeSafetensors(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 9 && bytes[8] == UInt8(ascii: "{")
    }

    /// Of tens of thousands of tensors. What reads it takes some ten times as much.
    private static let longestSafetensorsHeader = 4 << 20

    private static func safetensors(_ file: MappedFile) throws -> TensorTable {
        var cursor = try ByteCursor(file.bytes, in: 0 ..< 8)
        guard try cursor.number(UInt64.self) <= longestSafetensorsHeader else {
            throw Fault("has a safetensors header of more than \(longestSafetensorsHeader >> 20) MiB")
        }
        let header = try SafetensorsHeader(of: file)
        var tensors: [String: StoredTensor] = [:]
        var unread: [String: String] = [:]
        for (name, entry) in header.tensors {
            guard let element = element(entry.element) else {
                unread[name] = entry.element.rawValue
                continue
            }
            tensors[name] = try StoredTensor(
                shape: entry.shape, element: element, storage: .plain(entry.bytes), elements: entry.bytes.count / element.width)
        }
        return TensorTable(place: "", tensors: tensors, unread: unread)
    }

    private static func element(_ element: SafetensorsElement) -> StoredElement? {
        switch element {
        case .float64: .float64
        case .float32: .float32
        case .float16: .float16
        case .bfloat16: .bfloat16
        case .int64: .int64
        case .int32: .int32
        case .int16: .int16
        case .int8: .int8
        case .uint8: .uint8
        case .bool: .bool
        case .uint64, .uint32, .uint16, .float8e4m3, .float8e5m2: nil
        }
    }
}

extension CheckpointContainer {
    /// The most that a pickle may make, in the units of `PickleArena.spend`: some ninety for a tensor, each of 32 bytes of memory at most. So an
    /// honest file may have thousands of tensors that are hardly larger than their descriptions, and no file takes three times its size.
    static func valueLimit(fileBytes: Int) -> Int { (1 << 18) + fileBytes / 12 }

    /// The most bytes that an entry may inflate to.
    static func inflationLimit(fileBytes: Int) -> Int { (1 << 16) + 3 * fileBytes }

    /// - Throws: `Fault` for a pickle that holds a network itself in place of its tensors.
    static func requireStateDict(_ tables: [TensorTable], _ arena: PickleArena) throws {
        guard arena.holdsModule else { return }
        if tables.isEmpty { throw Fault("holds a whole pickled module, not its state dict: save model.state_dict()") }
    }
}

/// The zip container of PyTorch 1.6 and later: `{root}/data.pkl`, and a stored entry `{root}/data/{key}` for each storage.
enum TorchArchive {
    private static let pickleName = "data.pkl"

    /// Whether a zip archive is one.
    static func isOne(_ directory: ZipDirectory) -> Bool { pickleEntry(directory) != nil }

    private static func pickleEntry(_ directory: ZipDirectory) -> ZipDirectory.Entry? {
        directory.entries.values.filter { $0.name == pickleName || $0.name.hasSuffix("/" + pickleName) }.min { $0.name < $1.name }
    }

    /// - Throws: `Fault`.
    static func tables(_ directory: ZipDirectory, _ file: UnsafeRawBufferPointer) throws -> [TensorTable] {
        guard let pickle = pickleEntry(directory) else { throw Fault("has no \(pickleName)") }
        let root = String(pickle.name.dropLast(pickleName.count))
        if directory.entries[root + "constants.pkl"] != nil || directory.entries.keys.contains(where: { $0.hasPrefix(root + "code/") }) {
            throw Fault("is a TorchScript program, not a state dict: save model.state_dict()")
        }
        guard !pickle.isDeflated else { throw Fault("entry \(Fault.quoted(pickle.name)) is deflated, PyTorch stores it") }
        if let order = directory.entries[root + "byteorder"], !order.isDeflated, !file[order.bytes].elementsEqual("little".utf8) {
            throw Fault("has its numbers in another byte order than little-endian")
        }
        var machine = PickleMachine(limit: CheckpointContainer.valueLimit(fileBytes: file.count))
        var cursor = try ByteCursor(file, in: pickle.bytes)
        let value = try machine.run(&cursor)
        let arena = machine.arena
        let tables = try arena.tables(in: value) { tensor in
            let storage = arena.storages[tensor.storage]
            guard let entry = directory.entries[root + "data/" + storage.key] else {
                throw Fault("its storage \(Fault.quoted(storage.key)) is not in the file")
            }
            guard !entry.isDeflated else { throw Fault("its storage \(Fault.quoted(storage.key)) is deflated, PyTorch stores it") }
            return try tensor.stored(in: storage, at: entry.bytes)
        }
        try CheckpointContainer.requireStateDict(tables, arena)
        return tables
    }
}

extension PickledTensor {
    /// The tensor, where its storage has these bytes.
    func stored(in storage: PickledStorage, at bytes: Range<Int>) throws -> StoredTensor {
        guard let element = storage.element else { throw Fault("is of type \(Fault.quoted(storage.type)), which is not read") }
        let (needed, overflow) = storage.elements.multipliedReportingOverflow(by: element.width)
        guard !overflow, needed <= bytes.count else {
            throw Fault("its storage \(Fault.quoted(storage.key)) has \(bytes.count) bytes, too few for \(storage.elements) elements")
        }
        return try StoredTensor(
            shape: shape, strides: strides, offset: offset, element: element, storage: .plain(bytes), elements: storage.elements)
    }
}

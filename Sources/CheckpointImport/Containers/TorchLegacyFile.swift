/// The container of PyTorch before 1.6, which later versions still write on request: five pickles (a magic number, the version 1001, facts about
/// the machine, the object, the keys of the storages), then each storage as the number of its elements and its bytes.
enum TorchLegacyFile {
    /// 0x1950a86a20f9469cfc6c
    private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    private static let version = 1001

    /// Whether the first bytes are those of a pickle with the magic number.
    static func isOne(_ file: UnsafeRawBufferPointer) -> Bool {
        guard file.first == PickleInstruction.proto.rawValue, var cursor = try? ByteCursor(file, in: 0 ..< min(64, file.count)) else {
            return false
        }
        var machine = PickleMachine(limit: 16)
        guard let value = try? machine.run(&cursor), case .wideInteger(let place) = value else { return false }
        return machine.arena.wideIntegers[place] == magic
    }

    /// - Throws: `Fault`.
    static func tables(_ file: UnsafeRawBufferPointer) throws -> [TensorTable] {
        var cursor = try ByteCursor(file, in: 0 ..< file.count)
        var machine = PickleMachine(limit: CheckpointContainer.valueLimit(fileBytes: file.count))
        _ = try machine.run(&cursor)
        let stated = try machine.run(&cursor)
        guard machine.arena.integer(stated) == version else {
            throw Fault("is of another version of PyTorch's legacy format than \(version)")
        }
        if case .dictionary(let facts) = try machine.run(&cursor) {
            for case (.text("little_endian"), .bool(false)) in machine.arena.dictionaries[facts] {
                throw Fault("has its numbers in another byte order than little-endian")
            }
        }
        let object = try machine.run(&cursor)
        let list = try machine.run(&cursor)
        let arena = machine.arena
        guard let keys = arena.items(list) else { throw Fault("has no list of its storages") }
        let places = try storages(keys, arena, &cursor)
        let tables = try arena.tables(in: object) { tensor in
            let storage = arena.storages[tensor.storage]
            guard let place = places[storage.key] else { throw Fault("its storage \(Fault.quoted(storage.key)) is not in the file") }
            return try tensor.stored(in: storage, at: place)
        }
        try CheckpointContainer.requireStateDict(tables, arena)
        return tables
    }

    /// The bytes of each storage. How wide its elements are only the object says.
    private static func storages(_ keys: [PickleValue], _ arena: PickleArena, _ cursor: inout ByteCursor) throws -> [String: Range<Int>] {
        var types: [String: (name: String, width: Int)] = [:]
        for storage in arena.storages {
            let former = types.updateValue((storage.type, storage.width), forKey: storage.key)
            guard former == nil || former?.name == storage.type else { throw Fault("storage \(Fault.quoted(storage.key)) has two types") }
        }
        var places: [String: Range<Int>] = [:]
        for key in keys {
            guard case .text(let key) = key, let type = types[key] else { throw Fault("has a storage that no tensor is in") }
            do {
                let (bytes, overflow) = try cursor.count(Int64.self).multipliedReportingOverflow(by: type.width)
                guard !overflow else { throw Fault("is truncated") }
                places[key] = try cursor.range(bytes)
            } catch let error as Fault {
                throw Fault("storage \(Fault.quoted(key)): \(error.reason)")
            }
        }
        return places
    }
}

/// Archives of NumPy arrays, `.npz`: a zip file with an entry `{name}.npy` for each array, stored or deflated.
enum NumPyArchive {
    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    private static let ending = ".npy"
    /// A header of numbers has 128 bytes.
    private static let longestHeader = 1 << 12

    static func isOne(_ directory: ZipDirectory) -> Bool { directory.entries.keys.contains { $0.hasSuffix(ending) } }

    /// - Throws: `Fault`.
    static func tables(_ directory: ZipDirectory, _ file: UnsafeRawBufferPointer) throws -> [TensorTable] {
        var tensors: [String: StoredTensor] = [:]
        var unread: [String: String] = [:]
        for entry in directory.entries.values where entry.name.hasSuffix(ending) {
            do {
                // What is no array of numbers is ignored, as other objects of a checkpoint are.
                switch try tensor(entry, file) {
                case .read(let tensor): tensors[name(entry)] = tensor
                case .unread(let type): unread[name(entry)] = type
                }
            } catch let error as Fault {
                throw Fault("array \(Fault.quoted(entry.name)): \(error.reason)")
            }
        }
        return tensors.isEmpty && unread.isEmpty ? [] : [TensorTable(place: "", tensors: tensors, unread: unread)]
    }

    /// Without the number of an output, which TensorFlow's names may end with.
    private static func name(_ entry: ZipDirectory.Entry) -> String {
        let name = entry.name.dropLast(ending.count)
        return String(name.hasSuffix(":0") ? name.dropLast(2) : name)
    }

    private enum Found<Value> {
        case read(Value)
        /// Of a type that no weights are.
        case unread(type: String)
    }

    private static func tensor(_ entry: ZipDirectory.Entry, _ file: UnsafeRawBufferPointer) throws -> Found<StoredTensor> {
        guard entry.isDeflated else {
            let bytes = UnsafeRawBufferPointer(rebasing: file[entry.bytes])
            switch try header(bytes) {
            case .unread(let type): return .unread(type: type)
            case .read(let header):
                let data = entry.bytes.lowerBound + header.length ..< entry.bytes.upperBound
                return .read(try header.tensor(.plain(data), bytes: data.count))
            }
        }
        // A byte of a deflated stream makes 1032 bytes at most; weights hardly shrink, so one that makes much more is no checkpoint.
        guard entry.size <= CheckpointContainer.inflationLimit(fileBytes: file.count) else {
            throw Fault("would inflate to \(entry.size) bytes, far more than the file has")
        }
        let beginning = try Inflation.beginning(UnsafeRawBufferPointer(rebasing: file[entry.bytes]), count: 12 + longestHeader)
        switch try beginning.withUnsafeBytes({ try header($0) }) {
        case .unread(let type): return .unread(type: type)
        case .read(let header):
            return .read(
                try header.tensor(.deflated(entry.bytes, size: entry.size, header: header.length), bytes: entry.size - header.length))
        }
    }

    private struct Header {
        let element: StoredElement
        let isFortran: Bool
        let shape: [Int]
        /// Bytes before the numbers.
        let length: Int

        func tensor(_ storage: StorageBytes, bytes: Int) throws -> StoredTensor {
            let tensor = try StoredTensor(
                shape: shape, isFortran: isFortran, element: element, storage: storage, elements: bytes / element.width)
            guard tensor.bytes == bytes else { throw Fault("has \(bytes) bytes of numbers, its shape \(Fault.written(shape)) others") }
            return tensor
        }
    }

    /// Source: the format section of `numpy.lib.format`, versions 1.0 to 3.0.
    private static func header(_ bytes: UnsafeRawBufferPointer) throws -> Found<Header> {
        var cursor = try ByteCursor(bytes, in: 0 ..< bytes.count)
        guard bytes[try cursor.range(magic.count)].elementsEqual(magic) else {
            throw Fault("is no NumPy array")
        }
        let version = try cursor.number(UInt8.self)
        _ = try cursor.number(UInt8.self)
        guard (1 ... 3).contains(version) else { throw Fault("is of version \(version) of NumPy's format, which is not 1 to 3") }
        let length = try version == 1 ? cursor.count(UInt16.self) : cursor.count(UInt32.self)
        guard length <= longestHeader else { throw Fault("has a header of \(length) bytes") }
        let text = try cursor.text(length)
        guard let description = field("descr", text), let order = field("fortran_order", text), let shape = field("shape", text) else {
            throw Fault("has a header without descr, fortran_order and shape")
        }
        guard let element = element(description) else { return .unread(type: String(description.prefix { $0 != "," })) }
        let sizes = try shape.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }.split(separator: ",").compactMap { part -> Int? in
            let digits = part.filter { $0 != " " && $0 != "L" }
            if digits.isEmpty { return nil }
            guard let size = Int(digits), size >= 0 else { throw Fault("has a shape that is none") }
            return size
        }
        return .read(Header(element: element, isFortran: order.hasPrefix("True"), shape: sizes, length: cursor.position))
    }

    /// What stands behind a key of the header, which is a dictionary as Python writes it.
    private static func field(_ key: String, _ text: String) -> Substring? {
        for quote in ["'", "\""] {
            guard let range = text.firstRange(of: quote + key + quote) else { continue }
            return text[range.upperBound...].drop { $0 == ":" || $0 == " " }
        }
        return nil
    }

    private static func element(_ description: Substring) -> StoredElement? {
        guard let quote = description.first, quote == "'" || quote == "\"" else { return nil }
        return switch description.dropFirst().prefix(while: { $0 != quote }) {
        case "<f8": .float64
        case "<f4": .float32
        case "<f2": .float16
        case "<i8": .int64
        case "<i4": .int32
        case "<i2": .int16
        case "|i1": .int8
        case "|u1": .uint8
        case "|b1": .bool
        default: nil
        }
    }
}

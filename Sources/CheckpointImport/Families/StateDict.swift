/// The tensors of one model by the family's names for them, and which of them have been used.
///
/// Whoever reads says what shape a tensor must have. No tensor is read twice, and all together take no more bytes than the file has, so that
/// tensors that share their numbers cannot make a small file large.
final class StateDict {
    private let container: CheckpointContainer
    private let prefix: String
    private let tensors: [String: StoredTensor]
    private let unread: [String: String]
    private var used: Set<String> = []
    private var bytesLeft: Int

    init(_ container: CheckpointContainer, _ table: TensorTable, prefix: String) {
        self.container = container
        self.prefix = prefix
        var tensors: [String: StoredTensor] = [:]
        for (key, tensor) in table.tensors where key.hasPrefix(prefix) { tensors[String(key.dropFirst(prefix.count))] = tensor }
        self.tensors = tensors
        var unread: [String: String] = [:]
        for (key, type) in table.unread where key.hasPrefix(prefix) { unread[String(key.dropFirst(prefix.count))] = type }
        self.unread = unread
        bytesLeft = CheckpointContainer.inflationLimit(fileBytes: container.fileBytes)
        if container.format != .numPy { bytesLeft = container.fileBytes }
    }

    func has(_ key: String) -> Bool { tensors[key] != nil || unread[key] != nil }

    /// - Throws: `Fault` where there is no such tensor.
    func shape(_ key: String) throws -> [Int] { try tensor(key).shape }

    /// The numbers in the keys that a pattern is all of, sorted.
    func numbers(_ pattern: KeyPattern) -> [[Int]] {
        (Array(tensors.keys) + Array(unread.keys)).compactMap { key in
            guard let match = pattern.match(key), match.prefix.isEmpty else { return nil }
            return match.numbers
        }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// A tensor of this shape, row-major.
    ///
    /// - Throws: `Fault` that names the key, as all methods here do: it is missing, has another shape, or a value that is not finite.
    func values(_ key: String, _ shape: [Int]) throws -> [Double] {
        let tensor = try tensor(key)
        guard tensor.shape == shape else {
            throw fault(key, "has shape \(Fault.written(tensor.shape)), expected \(Fault.written(shape))")
        }
        return try read(key, tensor)
    }

    /// A vector, which may stand as (1, C), (C, 1, 1), (1, C, 1, 1) and the like.
    func vector(_ key: String, _ count: Int) throws -> [Double] {
        let tensor = try tensor(key)
        guard tensor.count == count, tensor.shape.filter({ $0 != 1 }).count <= 1 else {
            throw fault(key, "has shape \(Fault.written(tensor.shape)), expected \(count) numbers in one axis")
        }
        return try read(key, tensor)
    }

    /// A matrix, which may stand as a convolution of 1x1.
    func matrix(_ key: String, _ rows: Int, _ columns: Int) throws -> [Double] {
        let tensor = try tensor(key)
        guard tensor.shape == [rows, columns] || tensor.shape == [rows, columns, 1, 1] else {
            throw fault(key, "has shape \(Fault.written(tensor.shape)), expected \(Fault.written([rows, columns]))")
        }
        return try read(key, tensor)
    }

    /// A permutation: each of 0, 1, ... once.
    func permutation(_ key: String, _ count: Int) throws -> [Int] {
        let values = try vector(key, count)
        guard Set(values) == Set((0 ..< count).map(Double.init)) else { throw fault(key, "is no permutation of \(count) channels") }
        return values.map { Int($0) }
    }

    /// Marks a tensor as one whose values do not matter.
    func ignore(_ key: String) { used.insert(key) }

    /// A flag of an actnorm: whether it has been set from data. Nil where the file has no such flag.
    func flag(_ key: String) throws -> Bool? {
        guard has(key) else { return nil }
        return try vector(key, 1)[0] != 0
    }

    /// - Throws: `Fault` for a tensor that nobody has used, whose key is one of the model's by what it begins with.
    func requireAllUsed(_ isOfModel: (String) -> Bool) throws {
        guard let unknown = tensors.keys.filter({ !used.contains($0) && isOfModel($0) }).min() else { return }
        throw fault(unknown, "is not part of the family's network: this one is another")
    }

    /// How many tensors were not used.
    var unusedCount: Int { tensors.count - used.count }

    func fault(_ key: String, _ text: String) -> Fault { Fault("tensor \(Fault.quoted(prefix + key)): \(text)") }

    private func tensor(_ key: String) throws -> StoredTensor {
        guard let tensor = tensors[key] else {
            throw fault(key, unread[key].map { "is of type \(Fault.quoted($0)), which is not read" } ?? "is missing")
        }
        return tensor
    }

    private func read(_ key: String, _ tensor: StoredTensor) throws -> [Double] {
        guard used.insert(key).inserted else { throw fault(key, "would be used twice") }
        bytesLeft -= tensor.bytes
        guard bytesLeft >= 0 else { throw fault(key, "shares its numbers with others: the tensors together are larger than the file") }
        do {
            let values = try container.values(tensor)
            guard let place = values.firstIndex(where: { !$0.isFinite }) else { return values }
            throw Fault("value \(place) is \(values[place]), must be finite")
        } catch let error as Fault {
            throw fault(key, error.reason)
        }
    }
}

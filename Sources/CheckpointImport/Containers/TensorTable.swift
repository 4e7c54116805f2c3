/// Tensors by their names: a state dict, an archive of arrays.
package struct TensorTable {
    /// Where it stands in its file: the keys of the dictionaries around it, empty for a file that is nothing but it.
    package let place: String
    package let tensors: [String: StoredTensor]
    /// What else has a name and numbers, of types that no weights are: the types.
    package let unread: [String: String]

    init(place: String, tensors: [String: StoredTensor], unread: [String: String] = [:]) {
        (self.place, self.tensors, self.unread) = (place, tensors, unread)
    }
}

extension PickleArena {
    /// How deep dictionaries are looked into, how many values are looked at.
    private static let deepest = 16
    private static let mostVisits = 1 << 17

    /// What a tensor of a table takes, with its name, in the units of `spend`.
    private static let tensorCost = 16

    /// All dictionaries below a value that have tensors, each once. A tensor may stand in them under any number of names, so these are counted too.
    ///
    /// - Parameter resolve: makes a tensor of the file of one of the pickle.
    /// - Throws: what `resolve` throws, with the name of the tensor, and `Fault` for values that go too deep.
    func tables(in root: PickleValue, resolve: (PickledTensor) throws -> StoredTensor) throws -> [TensorTable] {
        var tables: [TensorTable] = []
        var seen = Set<Int>()
        var seenLists = Set<Int>()
        var seenTuples = Set<Int>()
        var visits = 0
        var left = self.left
        var open: [(value: PickleValue, place: String, depth: Int)] = [(root, "", 0)]
        while let (value, place, depth) = open.popLast() {
            visits += 1
            guard visits <= Self.mostVisits, depth <= Self.deepest else { throw Fault("has values that are nested too deeply") }
            switch value {
            case .dictionary(let index):
                guard seen.insert(index).inserted else { continue }
                var tensors: [String: StoredTensor] = [:]
                var unread: [String: String] = [:]
                for (key, item) in dictionaries[index] {
                    let name = name(key)
                    if case .tensor(let tensor) = item {
                        guard let name else { continue }
                        left -= Self.tensorCost
                        guard left >= 0 else { throw Fault("has more tensors than a checkpoint of its size needs") }
                        let storage = storages[self.tensors[tensor].storage]
                        guard storage.element != nil else {
                            unread[name] = storage.type
                            continue
                        }
                        do {
                            tensors[name] = try resolve(self.tensors[tensor])
                        } catch let error as Fault {
                            throw Fault("tensor \(Fault.quoted(name)): \(error.reason)")
                        }
                    } else if isContainer(item) {
                        open.append((item, joined(place, name ?? "?"), depth + 1))
                    }
                }
                if !tensors.isEmpty || !unread.isEmpty {
                    tables.append(TensorTable(place: place, tensors: tensors, unread: unread))
                }
            case .list, .tuple:
                if case .list(let index) = value, !seenLists.insert(index).inserted { continue }
                if case .tuple(let index) = value, !seenTuples.insert(index).inserted { continue }
                for (index, item) in (items(value) ?? []).enumerated() where isContainer(item) {
                    open.append((item, joined(place, String(index)), depth + 1))
                }
            default: break
            }
        }
        return tables.sorted { $0.place < $1.place }
    }

    private func isContainer(_ value: PickleValue) -> Bool {
        switch value {
        case .dictionary, .list, .tuple: true
        default: false
        }
    }

    private func name(_ key: PickleValue) -> String? {
        switch key {
        case .text(let text): text
        case .integer(let number): String(number)
        default: nil
        }
    }

    private func joined(_ place: String, _ name: String) -> String {
        let short = name.count <= 80 ? name : name.prefix(80) + "..."
        return place.isEmpty ? short : place + "/" + short
    }
}

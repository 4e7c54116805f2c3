/// A value that a pickle has made: a small number or text by itself, everything larger by its place in the `PickleArena`.
///
/// Values refer to each other by places only, so that neither deep nor circular structures harm: an arena is freed as a whole.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    /// An integer of more than 64 bits, by its place in the arena.
    case wideInteger(Int)
    case float(Double)
    case text(String)
    case tuple(Int)
    case list(Int)
    case dictionary(Int)
    /// The name of a function or class; it is never called.
    case global(Int)
    case storage(Int)
    case tensor(Int)
    /// What a global that means nothing here has made.
    case opaque
}

/// A storage that a pickle refers to.
struct PickledStorage {
    /// PyTorch's name for its type.
    let type: String
    /// Nil for numbers that no weights are: complex ones, quantized ones, bytes of an unknown type.
    let element: StoredElement?
    /// Bytes of an element.
    let width: Int
    let key: String
    let elements: Int
}

/// A tensor as a pickle describes it.
struct PickledTensor {
    let storage: Int
    let offset: Int
    let shape: [Int]
    let strides: [Int]
}

/// What a pickle has made, its number bounded.
struct PickleArena {
    private(set) var tuples: [[PickleValue]] = []
    private(set) var lists: [[PickleValue]] = []
    private(set) var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    private(set) var globals: [String] = []
    private(set) var wideIntegers: [[UInt8]] = []
    private(set) var storages: [PickledStorage] = []
    private(set) var tensors: [PickledTensor] = []
    /// Whether an object has a state that holds modules of PyTorch: it is a whole network, not a state dict.
    private(set) var holdsModule = false

    private(set) var left: Int

    /// - Parameter limit: the most that is made, in units of at most 32 bytes.
    init(limit: Int) { left = limit }

    /// Counts values, whether they are kept or not.
    mutating func spend(_ count: Int = 1) throws {
        left -= count
        guard left >= 0 else { throw Fault("has more objects in its pickle than a checkpoint of its size needs") }
    }

    mutating func tuple(_ items: [PickleValue]) throws -> PickleValue {
        try spend(1 + items.count)
        tuples.append(items)
        return .tuple(tuples.count - 1)
    }

    mutating func list() throws -> PickleValue {
        try spend(2)
        lists.append([])
        return .list(lists.count - 1)
    }

    mutating func dictionary() throws -> PickleValue {
        try spend(2)
        dictionaries.append([])
        return .dictionary(dictionaries.count - 1)
    }

    mutating func global(_ name: String) throws -> PickleValue {
        try spend(2)
        globals.append(name)
        return .global(globals.count - 1)
    }

    mutating func wideInteger(_ bytes: [UInt8]) throws -> PickleValue {
        try spend(1 + bytes.count / 16)
        wideIntegers.append(bytes)
        return .wideInteger(wideIntegers.count - 1)
    }

    mutating func storage(_ storage: PickledStorage) throws -> PickleValue {
        try spend(2)
        storages.append(storage)
        return .storage(storages.count - 1)
    }

    mutating func tensor(_ tensor: PickledTensor) throws -> PickleValue {
        try spend(2 + tensor.shape.count)
        tensors.append(tensor)
        return .tensor(tensors.count - 1)
    }

    mutating func append(_ items: ArraySlice<PickleValue>, toList list: Int) throws {
        try spend(items.count)
        lists[list].append(contentsOf: items)
    }

    mutating func set(_ items: ArraySlice<PickleValue>, inDictionary dictionary: Int) throws {
        try spend(items.count)
        for key in stride(from: items.startIndex, to: items.endIndex - 1, by: 2) {
            dictionaries[dictionary].append((items[key], items[key + 1]))
        }
    }

    /// Looks at the state that an object has been given.
    mutating func noteState(_ state: PickleValue) {
        guard !holdsModule, case .dictionary(let place) = state else { return }
        holdsModule = dictionaries[place].contains { key, _ in
            if case .text("_modules") = key { true } else { false }
        }
    }

    func integer(_ value: PickleValue) -> Int? {
        if case .integer(let number) = value { number } else { nil }
    }

    func items(_ value: PickleValue) -> [PickleValue]? {
        switch value {
        case .tuple(let place): tuples[place]
        case .list(let place): lists[place]
        default: nil
        }
    }

    /// The integers of a tuple or list.
    func integers(_ value: PickleValue) -> [Int]? {
        guard let items = items(value), items.count <= 8 else { return nil }
        let numbers = items.compactMap(integer)
        return numbers.count == items.count ? numbers : nil
    }
}

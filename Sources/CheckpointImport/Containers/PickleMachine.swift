/// Reads a pickle and calls nothing.
///
/// A pickle is a program for a stack machine. Of its instructions those are taken that checkpoints have, each with a fixed meaning: what a
/// `GLOBAL` names is never looked up, let alone called. The few names with a meaning make dictionaries, storages and tensors; what any other
/// makes is opaque, and swallows its arguments.
/// Source: the comments of CPython's `pickletools`.
struct PickleMachine {
    private(set) var arena: PickleArena
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]

    /// - Parameter limit: the most values that are made.
    init(limit: Int) { arena = PickleArena(limit: limit) }

    /// Runs one pickle to its STOP, and returns its value.
    ///
    /// - Throws: `Fault` for an instruction that is none of those, for one without its operands, and for too many values.
    mutating func run(_ cursor: inout ByteCursor) throws -> PickleValue {
        (stack, marks, memo) = ([], [], [:])
        while true {
            let place = cursor.position
            let code = try cursor.number(UInt8.self)
            guard let instruction = PickleInstruction(rawValue: code) else {
                throw Fault("has a pickle instruction 0x\(String(code, radix: 16)) at byte \(place), which checkpoints do not need")
            }
            if instruction == .stop { return try pop() }
            try execute(instruction, &cursor)
        }
    }

    private mutating func execute(_ instruction: PickleInstruction, _ cursor: inout ByteCursor) throws {
        switch instruction {
        case .proto:
            let version = try cursor.number(UInt8.self)
            guard (2 ... 5).contains(version) else { throw Fault("has a pickle of protocol \(version), which is not 2 to 5") }
        case .frame: _ = try cursor.range(8)
        case .none: try push(.none)
        case .newTrue: try push(.bool(true))
        case .newFalse: try push(.bool(false))
        case .binInt: try push(.integer(Int(try cursor.number(Int32.self))))
        case .binInt1: try push(.integer(Int(try cursor.number(UInt8.self))))
        case .binInt2: try push(.integer(Int(try cursor.number(UInt16.self))))
        case .long1: try pushLong(cursor.range(cursor.count(UInt8.self)), cursor)
        case .long4: try pushLong(cursor.range(cursor.count(Int32.self)), cursor)
        case .binFloat: try push(.float(Double(bitPattern: try cursor.number(UInt64.self).byteSwapped)))
        case .binUnicode: try pushText(cursor.text(cursor.count(UInt32.self)))
        case .shortBinUnicode: try pushText(cursor.text(cursor.count(UInt8.self)))
        case .binUnicode8: try pushText(cursor.text(cursor.count(UInt64.self)))
        case .shortBinBytes: try pushOpaque(cursor.range(cursor.count(UInt8.self)))
        case .binBytes: try pushOpaque(cursor.range(cursor.count(UInt32.self)))
        case .binBytes8, .byteArray8: try pushOpaque(cursor.range(cursor.count(UInt64.self)))
        case .binString: try pushBytes(cursor.count(Int32.self), &cursor)
        case .shortBinString: try pushBytes(cursor.count(UInt8.self), &cursor)
        case .emptyDict: try push(arena.dictionary())
        case .emptyList: try push(arena.list())
        case .emptyTuple: try push(arena.tuple([]))
        case .emptySet: try push(.opaque)
        case .addItems:
            _ = try popToMark()
            // Sets hold nothing that matters.
            guard case .opaque = try top() else { throw Fault("adds to what is no set") }
        case .frozenSet:
            _ = try popToMark()
            try push(.opaque)
        case .mark:
            try arena.spend()
            marks.append(stack.count)
        case .tuple: try push(arena.tuple(Array(popToMark())))
        case .tuple1: try pushTuple(1)
        case .tuple2: try pushTuple(2)
        case .tuple3: try pushTuple(3)
        case .setItem: try set(popLast(2))
        case .setItems: try set(popToMark())
        case .append: try append(popLast(1))
        case .appends: try append(popToMark())
        case .global:
            let module = try cursor.line()
            try push(arena.global(module + "." + cursor.line()))
        case .stackGlobal:
            let names = try popLast(2)
            guard case .text(let module) = names[names.startIndex], case .text(let name) = names[names.startIndex + 1] else {
                throw Fault("has a global without a name")
            }
            try push(arena.global(module + "." + name))
        case .reduce, .newObject:
            let arguments = try pop()
            try push(make(try pop(), arguments))
        case .newObjectEx:
            let arguments = try popLast(2)
            try push(make(try pop(), arguments[arguments.startIndex]))
        case .build: try build()
        case .popMark: _ = try popToMark()
        case .pop: if stack.count > (marks.last ?? 0) { stack.removeLast() } else { _ = try popToMark() }
        case .binPut: try remember(Int(try cursor.number(UInt8.self)))
        case .longBinPut: try remember(Int(try cursor.number(UInt32.self)))
        case .memoize: try remember(memo.count)
        case .binGet: try recall(Int(try cursor.number(UInt8.self)))
        case .longBinGet: try recall(Int(try cursor.number(UInt32.self)))
        case .binPersistentID: try push(storage(try pop()))
        case .stop: break
        }
    }

    // MARK: the stack

    private mutating func push(_ value: PickleValue) throws {
        try arena.spend()
        stack.append(value)
    }

    private mutating func pop() throws -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else { throw Fault("has a pickle whose stack is empty") }
        return value
    }

    private mutating func popLast(_ count: Int) throws -> ArraySlice<PickleValue> {
        guard stack.count - count >= (marks.last ?? 0) else { throw Fault("has a pickle whose stack is empty") }
        let values = Array(stack.suffix(count))[...]
        stack.removeLast(count)
        return values
    }

    private mutating func popToMark() throws -> ArraySlice<PickleValue> {
        guard let mark = marks.popLast() else { throw Fault("has a pickle without a mark") }
        let values = Array(stack[mark...])[...]
        stack.removeLast(values.count)
        return values
    }

    private mutating func remember(_ index: Int) throws {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else { throw Fault("has a pickle whose stack is empty") }
        // An entry of a hash table takes more than a value.
        try arena.spend(2)
        memo[index] = value
    }

    private mutating func recall(_ index: Int) throws {
        guard let value = memo[index] else { throw Fault("has a pickle that recalls what it never stored") }
        try push(value)
    }

    // MARK: values

    private mutating func pushTuple(_ count: Int) throws { try push(arena.tuple(Array(popLast(count)))) }

    private mutating func pushText(_ text: String) throws {
        // Up to 15 bytes stand in the value itself.
        try arena.spend(1 + text.utf8.count / 16)
        try push(.text(text))
    }

    /// A string of Python 2, which has no encoding; what is not UTF-8 is no name that matters.
    private mutating func pushBytes(_ count: Int, _ cursor: inout ByteCursor) throws {
        let range = try cursor.range(count)
        if let text = String(validating: cursor.bytes[range], as: UTF8.self) { try pushText(text) } else { try push(.opaque) }
    }

    private mutating func pushLong(_ range: Range<Int>, _ cursor: ByteCursor) throws {
        let bytes = [UInt8](cursor.bytes[range])
        guard bytes.count <= 8 else { return try push(arena.wideInteger(bytes)) }
        var bits: UInt64 = (bytes.last ?? 0) & 0x80 == 0 ? 0 : .max
        for byte in bytes.reversed() { bits = bits << 8 | UInt64(byte) }
        try push(.integer(Int(Int64(bitPattern: bits))))
    }

    private mutating func set(_ items: ArraySlice<PickleValue>) throws {
        guard items.count % 2 == 0 else { throw Fault("has a dictionary with a key and no value") }
        switch try top() {
        case .dictionary(let place): try arena.set(items, inDictionary: place)
        case .opaque: break
        default: throw Fault("sets an item of what is no dictionary")
        }
    }

    private mutating func append(_ items: ArraySlice<PickleValue>) throws {
        switch try top() {
        case .list(let place): try arena.append(items, toList: place)
        case .opaque: break
        default: throw Fault("appends to what is no list")
        }
    }

    private mutating func pushOpaque(_: Range<Int>) throws { try push(.opaque) }

    private func top() throws -> PickleValue {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else { throw Fault("has a pickle whose stack is empty") }
        return value
    }

    // MARK: objects

    /// An object gets its state: of a dictionary that is `_metadata` and the like, which says nothing; the rest swallows it.
    private mutating func build() throws {
        let state = try pop()
        switch try top() {
        case .opaque: arena.noteState(state)
        case .dictionary, .tensor: break
        default: throw Fault("gives a state to what has none")
        }
    }

    /// What a function or class makes of its arguments, where it is known.
    private mutating func make(_ maker: PickleValue, _ arguments: PickleValue) throws -> PickleValue {
        guard case .global(let place) = maker else {
            if case .opaque = maker { return .opaque }
            throw Fault("calls what is no function")
        }
        let name = arena.globals[place]
        switch name {
        case "collections.OrderedDict": return try orderedDictionary(arguments)
        case "collections.defaultdict": return try arena.dictionary()
        case "torch._tensor._rebuild_from_type_v2":
            // (function, type, its arguments, state): a tensor that has attributes of its own.
            guard let items = arena.items(arguments), items.count >= 3, case .global(let function) = items[0] else { return .opaque }
            return try rebuilt(by: arena.globals[function], items[2]) ?? .opaque
        default: return try rebuilt(by: name, arguments) ?? .opaque
        }
    }

    /// A tensor or parameter; nil for a function that makes neither.
    private mutating func rebuilt(by function: String, _ arguments: PickleValue) throws -> PickleValue? {
        switch function {
        case "torch._utils._rebuild_tensor_v2": return try tensor(arguments, atLeast: 6)
        case "torch._utils._rebuild_tensor": return try tensor(arguments, atLeast: 4)
        case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "torch.nn.parameter.Parameter":
            guard let first = arena.items(arguments)?.first else { throw Fault("has a parameter without a tensor") }
            return first
        default: return nil
        }
    }

    /// Python 2 gives the pairs as an argument, later versions set them afterwards.
    private mutating func orderedDictionary(_ arguments: PickleValue) throws -> PickleValue {
        let value = try arena.dictionary()
        guard case .dictionary(let place) = value, let pairs = arena.items(arguments)?.first.flatMap(arena.items) else { return value }
        for pair in pairs {
            guard let items = arena.items(pair), items.count == 2 else { throw Fault("has a dictionary with a key and no value") }
            try arena.set(items[...], inDictionary: place)
        }
        return value
    }

    private mutating func tensor(_ arguments: PickleValue, atLeast count: Int) throws -> PickleValue {
        guard let items = arena.items(arguments), items.count >= count, case .storage(let storage) = items[0],
            let offset = arena.integer(items[1]), let shape = arena.integers(items[2]), let strides = arena.integers(items[3])
        else { throw Fault("has a tensor that is not described as PyTorch does") }
        return try arena.tensor(PickledTensor(storage: storage, offset: offset, shape: shape, strides: strides))
    }

    /// A persistent id: ('storage', type, key, location, elements[, view]).
    private mutating func storage(_ identity: PickleValue) throws -> PickleValue {
        guard let items = arena.items(identity), case .text(let kind)? = items.first else {
            throw Fault("has a persistent id that is none of PyTorch's")
        }
        if kind == "module" { throw Fault("holds a whole pickled module, not its state dict: save model.state_dict()") }
        guard kind == "storage", items.count == 5 || items.count == 6, case .global(let type) = items[1], case .text(let key) = items[2],
            let elements = arena.integer(items[4]), elements >= 0
        else { throw Fault("has a persistent id that is none of PyTorch's") }
        if items.count == 6 {
            guard case .none = items[5] else { throw Fault("storage \(Fault.quoted(key)) is a view of another one, which is not read") }
        }
        let name = arena.globals[type]
        let element = Self.elements[name]
        guard let width = element?.width ?? Self.widths[name] else {
            throw Fault("storage \(Fault.quoted(key)) is of type \(Fault.quoted(name)), which is not read")
        }
        return try arena.storage(PickledStorage(type: name, element: element, width: width, key: key, elements: elements))
    }

    private static let elements: [String: StoredElement] = [
        "torch.DoubleStorage": .float64, "torch.FloatStorage": .float32, "torch.HalfStorage": .float16,
        "torch.BFloat16Storage": .bfloat16, "torch.LongStorage": .int64, "torch.IntStorage": .int32, "torch.ShortStorage": .int16,
        "torch.CharStorage": .int8, "torch.ByteStorage": .uint8, "torch.BoolStorage": .bool,
    ]

    /// Of types that no weights are, which may stand beside them.
    private static let widths: [String: Int] = [
        "torch.ComplexDoubleStorage": 16, "torch.ComplexFloatStorage": 8, "torch.QInt32Storage": 4, "torch.QInt8Storage": 1,
        "torch.QUInt8Storage": 1, "torch.QUInt4x2Storage": 1, "torch.QUInt2x4Storage": 1, "torch.storage.UntypedStorage": 1,
    ]
}

/// The instructions that are taken, by their bytes.
enum PickleInstruction: UInt8 {
    case proto = 0x80, frame = 0x95, stop = 0x2E
    case none = 0x4E, newTrue = 0x88, newFalse = 0x89
    case binInt = 0x4A, binInt1 = 0x4B, binInt2 = 0x4D, long1 = 0x8A, long4 = 0x8B, binFloat = 0x47
    case binUnicode = 0x58, shortBinUnicode = 0x8C, binUnicode8 = 0x8D, binString = 0x54, shortBinString = 0x55
    case binBytes = 0x42, shortBinBytes = 0x43, binBytes8 = 0x8E, byteArray8 = 0x96
    case emptySet = 0x8F, addItems = 0x90, frozenSet = 0x91
    case emptyDict = 0x7D, emptyList = 0x5D, emptyTuple = 0x29
    case mark = 0x28, tuple = 0x74, tuple1 = 0x85, tuple2 = 0x86, tuple3 = 0x87
    case setItem = 0x73, setItems = 0x75, append = 0x61, appends = 0x65
    case global = 0x63, stackGlobal = 0x93, reduce = 0x52, newObject = 0x81, newObjectEx = 0x92, build = 0x62
    case pop = 0x30, popMark = 0x31
    case binPut = 0x71, longBinPut = 0x72, memoize = 0x94, binGet = 0x68, longBinGet = 0x6A
    case binPersistentID = 0x51
}

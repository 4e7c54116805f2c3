import CheckpointImport
import CheckpointSupport
import TestSupport
import Testing

/// The restricted reader of pickles, through files.
@Suite struct PickleMachineTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ pickle: [UInt8]) throws -> CheckpointContainer {
        var zip = MadeZip(isStreamed: false)
        zip.add("x/data.pkl", pickle)
        zip.add("x/data/0", MadeFile.floats(MadeTensor(shape: [2], values: [1, 2])))
        return try CheckpointContainer(path: folder.file("c", holding: zip.finished()))
    }

    private func reason(_ pickle: [UInt8]) -> String { #expect(throws: CheckpointError.self) { try open(pickle) }?.reason ?? "" }

    /// A state dict with one tensor behind `head`, which leaves one value on the stack under the key "other".
    private func dictionary(_ head: [UInt8]) -> [UInt8] {
        var pickle = MadePickle()
        pickle.code(0x80, 2, 0x7D, 0x28)
        pickle.text("other")
        var bytes = pickle.bytes + head
        var rest = MadePickle()
        rest.text("weight")
        rest.tensor("0", elements: 2, shape: [2], strides: [1])
        rest.code(0x75, 0x2E)
        bytes += rest.bytes
        return bytes
    }

    /// A call of anything is swallowed: nothing is looked up, nothing happens.
    @Test func nothingIsCalled() throws {
        let marker = folder.file("called")
        var call = MadePickle()
        call.global("os", "system")
        call.code(0x28)
        call.text("touch \(marker)")
        call.code(0x74, 0x52)
        let container = try open(dictionary(call.bytes))
        #expect(container.tables[0].tensors.keys.sorted() == ["weight"])
        #expect(try !folder.names.contains("called"))
    }

    /// What other classes take, by REDUCE, NEWOBJ, BUILD, SETITEMS and APPENDS, is swallowed too.
    @Test func objectsOfOtherClassesAreSwallowed() throws {
        var object = MadePickle()
        object.global("some.module", "Config")
        object.code(0x29, 0x81, 0x7D, 0x62, 0x28)
        object.text("key")
        object.code(0x4B, 1, 0x75, 0x28, 0x4B, 1, 0x4B, 2, 0x65)
        #expect(try open(dictionary(object.bytes)).tables.count == 1)
    }

    /// Protocol 4: frames, short texts, globals from the stack, memos by count.
    @Test func protocol4IsRead() throws {
        func short(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) + [0x94] }
        let ordered = short("collections") + short("OrderedDict") + [0x93, 0x94, 0x29, 0x52, 0x94]
        var pickle: [UInt8] = [0x80, 4, 0x95] + [UInt8](repeating: 0, count: 8) + ordered + [0x28] + short("weight")
        pickle += short("torch._utils") + short("_rebuild_tensor_v2") + [0x93, 0x28, 0x28] + short("storage")
        pickle += short("torch") + short("FloatStorage") + [0x93] + short("0") + short("cpu") + [0x4B, 2, 0x74, 0x51]
        // The tuples (2,) and (1,), and the OrderedDict of hooks from the memo: entry 2 is the class.
        pickle += [0x4B, 0, 0x4B, 2, 0x85, 0x4B, 1, 0x85, 0x89, 0x68, 2, 0x29, 0x52, 0x74, 0x52, 0x75, 0x2E]
        #expect(try open(pickle).tables[0].tensors["weight"]?.shape == [2])
    }

    @Test func otherInstructionsAreErrors() {
        // INST, OBJ, EXT1, DUP, GET, NEXT_BUFFER, a text protocol.
        for code: UInt8 in [0x69, 0x6F, 0x82, 0x32, 0x67, 0x97, 0x56, 0x00, 0xFF] {
            #expect(reason([0x80, 2, code, 0x2E]).contains("instruction"), "\(code)")
        }
        #expect(reason([0x80, 1, 0x4E, 0x2E]).contains("protocol 1"))
    }

    @Test func anEmptyStackIsAnError() {
        for pickle: [UInt8] in [
            [0x2E], [0x85, 0x2E], [0x52, 0x2E], [0x75, 0x2E], [0x28, 0x2E], [0x74], [0x71, 0, 0x2E], [0x68, 9, 0x2E], [0x62, 0x2E],
            [0x4E, 0x28, 0x85],
        ] {
            #expect(!reason([0x80, 2] + pickle).isEmpty)
        }
    }

    @Test func aWholeModuleIsNamed() {
        var object = MadePickle()
        object.code(0x80, 2)
        object.global("glow", "Glow")
        object.code(0x29, 0x81, 0x7D, 0x28)
        object.text("_modules")
        object.code(0x7D, 0x75, 0x62, 0x2E)
        #expect(reason(object.bytes).contains("state_dict()"))
        var persistent = MadePickle()
        persistent.code(0x80, 2, 0x28)
        persistent.text("module")
        persistent.code(0x4E, 0x4E, 0x4E, 0x74, 0x51, 0x2E)
        #expect(reason(persistent.bytes).contains("state_dict()"))
    }

    @Test func aViewOfAnotherStorageIsRefused() {
        var pickle = MadePickle()
        pickle.code(0x80, 2, 0x28)
        pickle.text("storage")
        pickle.global("torch", "FloatStorage")
        pickle.text("0")
        pickle.text("cpu")
        pickle.code(0x4B, 2, 0x4B, 1, 0x74, 0x51, 0x2E)
        #expect(reason(pickle.bytes).contains("view"))
    }

    /// Millions of empty objects in a small file, deep nesting, a list that holds itself, memos without end: an error, and soon.
    @Test func whatWouldTakeMemoryIsRefused() throws {
        #expect(reason([0x80, 2] + [UInt8](repeating: 0x7D, count: 1 << 20) + [0x2E]).contains("more objects"))
        #expect(reason([0x80, 2, 0x5D] + [UInt8](repeating: 0x85, count: 1 << 20) + [0x2E]).contains("more objects"))
        var puts: [UInt8] = [0x80, 2, 0x4E]
        for index in 0 ..< 1 << 19 { puts += [0x72] + MadeFile.little(index, 4) }
        #expect(reason(puts + [0x2E]).contains("more objects"))
        #expect(reason([0x80, 2] + [UInt8](repeating: 0x5D, count: 40) + [UInt8](repeating: 0x61, count: 39) + [0x2E]).contains("nested"))
        // l = []; l.append((l,)): looked at once
        #expect(try open([0x80, 2, 0x5D, 0x71, 0, 0x68, 0, 0x85, 0x61, 0x2E]).tables.isEmpty)
    }

    /// What later protocols have for bytes, sets and large numbers, and what an object takes by name, says nothing here.
    @Test func bytesAndSetsAreSwallowed() throws {
        let eight = MadeFile.little(2, 8)
        let values: [[UInt8]] = [
            [0x43, 2, 1, 2], [0x42, 2, 0, 0, 0, 1, 2], [0x8E] + eight + [1, 2], [0x96] + eight + [1, 2],  // bytes, bytearray
            [0x8F, 0x28, 0x4B, 1, 0x4B, 2, 0x90], [0x28, 0x4B, 1, 0x91],  // set, frozenset
            [0x8B, 9, 0, 0, 0] + [UInt8](repeating: 1, count: 9),  // LONG4
            [0x8D] + eight + Array("ab".utf8),  // BINUNICODE8
            Array("cm\nC\n".utf8) + [0x29, 0x7D, 0x92],  // NEWOBJ_EX
            [0x4B, 1, 0x4B, 2, 0x30], [0x4B, 1, 0x28, 0x4B, 2, 0x30, 0x30], [0x4B, 1, 0x28, 0x4B, 2, 0x4B, 3, 0x31],  // POP, POP_MARK
            Array("ccollections\ndefaultdict\n".utf8) + Array("cbuiltins\nlist\n".utf8) + [0x85, 0x52, 0x28, 0x4B, 1, 0x5D, 0x75],
        ]
        for value in values { #expect(try open(dictionary(value)).tables.map { $0.tensors.count } == [1], "\(value)") }
        for broken: [UInt8] in [
            [0x42, 9, 9, 9, 9], [0x96] + [UInt8](repeating: 0xFF, count: 8), [0x4E, 0x28, 0x4B, 1, 0x90], [0x91], [0x31],
        ] {
            #expect(!reason([0x80, 2] + broken + [0x2E]).isEmpty)
        }
    }

    /// A state dict may be a defaultdict, and a tensor may have attributes of its own.
    @Test func tensorsInOtherClothesAreRead() throws {
        var pickle = MadePickle()
        pickle.code(0x80, 2)
        pickle.global("collections", "defaultdict")
        pickle.code(0x29, 0x52, 0x28)
        pickle.text("weight")
        pickle.global("torch._tensor", "_rebuild_from_type_v2")
        pickle.code(0x28)
        pickle.global("torch._utils", "_rebuild_tensor_v2")
        pickle.global("torch", "Tensor")
        pickle.code(0x28, 0x28)
        pickle.text("storage")
        pickle.global("torch", "FloatStorage")
        pickle.text("0")
        pickle.text("cpu")
        pickle.code(0x4B, 2, 0x74, 0x51, 0x4B, 0)
        pickle.integers([2])
        pickle.integers([1])
        pickle.code(0x89, 0x7D, 0x74, 0x7D, 0x74, 0x52, 0x75, 0x2E)
        let container = try open(pickle.bytes)
        #expect(try container.values(#require(container.tables[0].tensors["weight"])) == [1, 2])
    }

    /// Numbers that no weights are stand beside weights, and are named where they are asked for.
    @Test(arguments: ["ComplexFloatStorage", "QInt8Storage"]) func otherNumbersAreLeftOut(type: String) throws {
        var head = MadePickle()
        head.tensor("1", elements: 2, shape: [2], strides: [1], type: type)
        let container = try open(dictionary(head.bytes))
        #expect(container.tables[0].tensors.keys.sorted() == ["weight"] && container.tables[0].unread == ["other": "torch." + type])
        var unknown = MadePickle()
        unknown.tensor("1", elements: 2, shape: [2], strides: [1], type: "NoStorage")
        #expect(reason(dictionary(unknown.bytes)).contains("torch.NoStorage"))
    }
}

import CheckpointImport
import CheckpointSupport
import Foundation
import TestSupport
import Testing

@Suite struct CheckpointContainerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ bytes: [UInt8]) throws -> CheckpointContainer { try CheckpointContainer(path: folder.file("c", holding: bytes)) }

    private static let state: [String: MadeTensor] = [
        "a": MadeTensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6]), "b.c": MadeTensor(shape: [], values: [-0.5]),
        "d": MadeTensor(shape: [4], values: [0, 1e-3, 7, 9]), "e": MadeTensor(shape: [2, 1, 2, 2], values: (0 ..< 8).map(Double.init)),
    ]

    /// Whatever packs them, the tensors are the same.
    @Test(arguments: MadeFile.Form.allCases) func eachFormGivesItsTensors(form: MadeFile.Form) throws {
        let container = try open(MadeFile.bytes(Self.state, form))
        #expect(container.tables.count == 1)
        let table = try #require(container.tables.first)
        #expect(table.place.isEmpty && Set(table.tensors.keys) == Set(Self.state.keys))
        for (name, made) in Self.state {
            let tensor = try #require(table.tensors[name])
            #expect(tensor.shape == made.shape, "\(name)")
            #expect(try container.values(tensor) == made.values.map { Double(Float($0)) }, "\(name) in \(form)")
        }
    }

    /// Models of many small steps have tensors that are smaller than what describes them.
    @Test(arguments: [MadeFile.Form.zip, .legacy]) func thousandsOfSmallTensorsAreRead(form: MadeFile.Form) throws {
        let state = Dictionary(
            uniqueKeysWithValues: (0 ..< 3000).map {
                ("module.blocks.3.flows.\($0).actnorm.scale", MadeTensor(shape: [1, 4, 1, 1], values: [1, 2, 3, 4]))
            })
        #expect(try open(MadeFile.bytes(state, form, wrapper: "model")).tables[0].tensors.count == 3000)
    }

    /// TensorFlow's names of variables may have the number of an output.
    @Test func anOutputNumberIsNoPartOfAName() throws {
        let container = try open(MadeFile.bytes(["model/0/0/f1/l_1/W:0": MadeTensor(shape: [1], values: [1])], .npz))
        #expect(container.tables[0].tensors.keys.sorted() == ["model/0/0/f1/l_1/W"])
    }

    @Test(arguments: [MadeFile.Form.zip, .legacy]) func aWrapperIsNamed(form: MadeFile.Form) throws {
        let container = try open(MadeFile.bytes(Self.state, form, wrapper: "model"))
        #expect(container.tables.map(\.place) == ["model"])
        #expect(container.tables[0].tensors.count == Self.state.count)
    }

    /// A file that ends early is refused, and never read beyond its end.
    @Test(arguments: MadeFile.Form.allCases) func aTruncatedFileIsAnError(form: MadeFile.Form) throws {
        let bytes = MadeFile.bytes(Self.state, form)
        for count in stride(from: 1, to: bytes.count, by: 7) {
            #expect(throws: CheckpointError.self) { try open(Array(bytes[..<count])) }
        }
    }

    /// Any byte may be any other: there is an error or there are tensors that can be read.
    @Test(arguments: MadeFile.Form.allCases) func aDamagedFileDoesNoHarm(form: MadeFile.Form) throws {
        let bytes = MadeFile.bytes(Self.state, form)
        var generator = TestGenerator(seed: 5)
        for _ in 0 ..< 400 {
            var damaged = bytes
            for _ in 0 ... Int.random(in: 0 ..< 3, using: &generator) {
                damaged[Int.random(in: damaged.indices, using: &generator)] = UInt8.random(in: 0 ... 255, using: &generator)
            }
            guard let container = try? open(damaged) else { continue }
            for table in container.tables {
                for tensor in table.tensors.values { _ = try? container.values(tensor) }
            }
        }
    }

    /// A pickle whose state dict has these tensors of one storage of eight numbers.
    private func shared(_ tensors: [(name: String, offset: Int, shape: [Int], strides: [Int])], elements: Int = 8) throws
        -> CheckpointContainer
    {
        var pickle = MadePickle()
        pickle.code(0x80, 2, 0x7D, 0x28)
        for tensor in tensors {
            pickle.text(tensor.name)
            pickle.tensor("0", elements: elements, offset: tensor.offset, shape: tensor.shape, strides: tensor.strides)
        }
        pickle.code(0x75, 0x2E)
        var zip = MadeZip(isStreamed: false)
        zip.add("x/data.pkl", pickle.bytes)
        zip.add("x/data/0", MadeFile.floats(MadeTensor(shape: [8], values: (0 ..< 8).map(Double.init))))
        return try open(zip.finished())
    }

    /// Each type of PyTorch's numbers, by the bits of -1.5, 2 and 0 or, of integers, -1, 2 and 0.
    @Test(arguments: [
        ("HalfStorage", [0xBE00, 0x4000, 0], 2), ("BFloat16Storage", [0xBFC0, 0x4000, 0], 2),
        ("FloatStorage", [0xBFC0_0000, 0x4000_0000, 0], 4),
        ("DoubleStorage", [Int(bitPattern: 0xBFF8_0000_0000_0000), 0x4000_0000_0000_0000, 0], 8), ("LongStorage", [-1, 2, 0], 8),
        ("IntStorage", [-1, 2, 0], 4), ("ShortStorage", [-1, 2, 0], 2), ("CharStorage", [-1, 2, 0], 1), ("ByteStorage", [255, 2, 0], 1),
        ("BoolStorage", [1, 1, 0], 1),
    ])
    func eachTypeIsRead(type: String, bits: [Int], width: Int) throws {
        var pickle = MadePickle()
        pickle.code(0x80, 2, 0x7D, 0x28)
        pickle.text("a")
        pickle.tensor("0", elements: 3, shape: [3], strides: [1], type: type)
        pickle.code(0x75, 0x2E)
        var zip = MadeZip(isStreamed: false)
        zip.add("x/data.pkl", pickle.bytes)
        zip.add("x/data/0", bits.flatMap { MadeFile.little($0, width) })
        let container = try open(zip.finished())
        let values = try container.values(#require(container.tables[0].tensors["a"]))
        let isFloat = ["Half", "BFloat16", "Float", "Double"].contains { type == $0 + "Storage" }
        #expect(
            values == (isFloat ? [-1.5, 2, 0] : type == "ByteStorage" ? [255, 2, 0] : type == "BoolStorage" ? [1, 1, 0] : [-1, 2, 0]))
    }

    /// QR gives matrices by columns: their strides say so.
    @Test func stridesAreThoseOfTheFile() throws {
        let container = try shared([
            ("columns", 0, [2, 4], [1, 2]), ("part", 5, [3], [1]), ("spread", 1, [2, 2], [4, 2]), ("wide", 3, [2, 9], [1, 0]),
        ])
        let tensors = container.tables[0].tensors
        let expected: [String: [Double]] = ["columns": [0, 2, 4, 6, 1, 3, 5, 7], "part": [5, 6, 7], "spread": [1, 3, 5, 7]]
        #expect(try container.values(#require(tensors["wide"])) == [Double](repeating: 3, count: 9) + [Double](repeating: 4, count: 9))
        for (name, values) in expected { #expect(try container.values(#require(tensors[name])) == values, "\(name)") }
    }

    @Test func aTensorOutsideOfItsStorageIsNamed() throws {
        let wrong: [(Int, [Int], [Int])] = [
            (6, [3], [1]), (0, [3, 3], [3, 1]), (0, [2, 2], [7, 2]), (0, [1 << 30, 1 << 30], [1, 1]), (0, [2], [1 << 31 - 1]),
            (0, [1 << 30, 1 << 30], [0, 0]), (8, [1], [0]), (0, [2, 2], [1]),
        ]
        for (offset, shape, strides) in wrong {
            let error = #expect(throws: CheckpointError.self) { try shared([("weight", offset, shape, strides)]) }
            #expect(error?.reason.contains("\"weight\"") == true, "\(error?.reason ?? "")")
        }
        let error = #expect(throws: CheckpointError.self) { try shared([("weight", 0, [9], [1])], elements: 9) }
        #expect(error?.reason.contains("bytes") == true)
    }

    @Test func filesThatAreNoCheckpointSaySo() throws {
        func reason(_ bytes: [UInt8]) -> String { #expect(throws: CheckpointError.self) { try open(bytes) }?.reason ?? "" }
        #expect(reason(Array("hello, world".utf8)).contains("no PyTorch checkpoint"))
        #expect(reason([0x80, 2, 0x4E, 0x2E]).contains("bare pickle"))
        var zip = MadeZip(isStreamed: false)
        zip.add("readme.txt", [1])
        #expect(reason(zip.finished()).contains("neither"))
        zip.add("x/data.pkl", [0x80, 2, 0x4E, 0x2E])
        zip.add("x/code/a.py", [1])
        #expect(reason(zip.finished()).contains("TorchScript"))
        #expect(throws: CheckpointError.self) { try CheckpointContainer(path: folder.file("none")) }
        #expect(throws: CheckpointError.self) { try CheckpointContainer(path: folder.path) }
    }

    @Test func aByteOrderThatIsNotOursIsRefused() throws {
        var zip = MadeZip(isStreamed: false)
        zip.add("x/data.pkl", [0x80, 2, 0x7D, 0x2E])
        zip.add("x/byteorder", Array("big".utf8))
        let error = #expect(throws: CheckpointError.self) { try open(zip.finished()) }
        #expect(error?.reason.contains("byte order") == true)
    }

    @Test func aLongHeaderIsRefused() throws {
        let header = Array("{\"a\":{}}".utf8) + [UInt8](repeating: 0x20, count: 5 << 20)
        let error = #expect(throws: CheckpointError.self) { try open(MadeFile.little(header.count, 8) + header) }
        #expect(error?.reason.contains("header of more than 4 MiB") == true, "\(error?.reason ?? "")")
    }

    /// What would inflate to far more than the file has is refused before it takes memory.
    @Test func aStreamThatSwellsIsRefused() throws {
        var bytes = MadeFile.bytes(["a": MadeTensor(shape: [2], values: [1, 2])], .deflatedNPZ)
        let directory = try #require(bytes.indices.dropLast(3).last { Array(bytes[$0 ..< $0 + 4]) == [0x50, 0x4B, 1, 2] })
        bytes.replaceSubrange(directory + 24 ..< directory + 28, with: [0xFF, 0xFF, 0xFF, 0x7F])
        let error = #expect(throws: CheckpointError.self) { try open(bytes) }
        #expect(error?.reason.contains("inflate") == true)
    }

    /// Many entries of a zip archive may not share the same bytes, nor many names the same tensor, beyond what the file's size allows.
    @Test func sharedBytesDoNotMakeASmallFileLarge() throws {
        var bytes = MadeFile.bytes(["a": MadeTensor(shape: [2], values: [1, 2]), "b": MadeTensor(shape: [2], values: [1, 2])], .npz)
        let directories = bytes.indices.dropLast(3).filter { Array(bytes[$0 ..< $0 + 4]) == [0x50, 0x4B, 1, 2] }
        #expect(directories.count == 2)
        bytes.replaceSubrange(directories[1] + 42 ..< directories[1] + 46, with: bytes[directories[0] + 42 ..< directories[0] + 46])
        let overlap = #expect(throws: CheckpointError.self) { try open(bytes) }
        #expect(overlap?.reason.contains("overlap") == true, "\(overlap?.reason ?? "")")

        var pickle = MadePickle()
        pickle.code(0x80, 2)
        pickle.tensor("0", elements: 2, shape: [2], strides: [1])
        pickle.code(0x71, 0, 0x7D, 0x28)
        for index in 0 ..< 20_000 {
            pickle.text(String(index))
            pickle.code(0x68, 0)
        }
        pickle.code(0x75, 0x86, 0x2E)
        var zip = MadeZip(isStreamed: false)
        zip.add("x/data.pkl", pickle.bytes)
        zip.add("x/data/0", MadeFile.floats(MadeTensor(shape: [2], values: [1, 2])))
        let shared = #expect(throws: CheckpointError.self) { try open(zip.finished()) }
        #expect(shared?.reason.contains("more tensors") == true, "\(shared?.reason ?? "")")
    }

    /// The size of an array and its shape belong together.
    @Test(arguments: [MadeFile.Form.npz, .deflatedNPZ]) func anArrayHasTheSizeOfItsShape(form: MadeFile.Form) throws {
        let bytes = MadeFile.bytes(["a": MadeTensor(shape: [12], values: .init(repeating: 1, count: 12))], form)
        let place = try #require(bytes.indices.dropLast(4).first { Array(bytes[$0 ..< $0 + 5]) == Array("(12,)".utf8) })
        var changed = bytes
        changed[place + 2] = UInt8(ascii: "1")
        let error = #expect(throws: CheckpointError.self) { try open(changed) }
        #expect(error?.reason.contains("its shape (11)") == true, "\(error?.reason ?? "")")
    }
}

/// A state dict as a pickle of protocol 2, the way `torch.save` writes it: a dictionary of tensors, each with a storage of its own.
struct PickleWriter {
    private(set) var bytes: [UInt8] = []

    /// The storage of tensor i has the key i.
    static func stateDict(_ tensors: [StateTensor]) -> [UInt8] {
        var writer = PickleWriter()
        writer.put(.proto, [2])
        writer.emptyOrderedDictionary()
        writer.put(.mark)
        for (index, tensor) in tensors.enumerated() {
            writer.text(tensor.name)
            writer.tensor(tensor, key: String(index))
        }
        writer.put(.setItems)
        writer.put(.stop)
        return writer.bytes
    }

    private mutating func tensor(_ tensor: StateTensor, key: String) {
        global("torch._utils", "_rebuild_tensor_v2")
        put(.mark)
        put(.mark)
        text("storage")
        global("torch", tensor.storageType)
        text(key)
        text("cpu")
        integer(tensor.count)
        put(.tuple)
        put(.binPersistentID)
        integer(0)
        integers(tensor.shape)
        var strides = [Int](repeating: 1, count: tensor.shape.count)
        for axis in tensor.shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * tensor.shape[axis + 1] }
        integers(strides)
        put(.newFalse)
        emptyOrderedDictionary()
        put(.tuple)
        put(.reduce)
    }

    private mutating func emptyOrderedDictionary() {
        global("collections", "OrderedDict")
        put(.emptyTuple)
        put(.reduce)
    }

    private mutating func put(_ instruction: PickleInstruction, _ operand: [UInt8] = []) {
        bytes.append(instruction.rawValue)
        bytes += operand
    }

    private mutating func global(_ module: String, _ name: String) { put(.global, Array("\(module)\n\(name)\n".utf8)) }

    private mutating func text(_ text: String) {
        let characters = Array(text.utf8)
        put(.binUnicode, Self.little(UInt32(truncatingIfNeeded: characters.count)) + characters)
    }

    /// Numbers up to 2^31, which no count of a tensor exceeds: a file is below 4 GiB.
    private mutating func integer(_ number: Int) { put(.binInt, Self.little(UInt32(truncatingIfNeeded: number))) }

    private mutating func integers(_ numbers: [Int]) {
        put(.mark)
        for number in numbers { integer(number) }
        put(.tuple)
    }

    private static func little(_ number: UInt32) -> [UInt8] { (0 ..< 4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
}

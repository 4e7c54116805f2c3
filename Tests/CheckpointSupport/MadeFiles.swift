/// Checkpoint files of state dicts that tests make, written byte by byte as their formats say.
package enum MadeFile {
    /// How a state dict is packed.
    package enum Form: CaseIterable, Sendable {
        case zip, streamedZip, legacy, safetensors, npz, deflatedNPZ
    }

    package static func bytes(_ state: [String: MadeTensor], _ form: Form, wrapper: String? = nil) -> [UInt8] {
        let tensors = state.sorted { $0.key < $1.key }
        switch form {
        case .zip, .streamedZip:
            var zip = MadeZip(isStreamed: form == .streamedZip)
            zip.add("archive/data.pkl", MadePickle.stateDict(tensors, wrapper: wrapper, isLegacy: false))
            for (index, tensor) in tensors.enumerated() { zip.add("archive/data/\(index)", floats(tensor.value)) }
            zip.add("archive/version", Array("3\n".utf8))
            return zip.finished()
        case .legacy:
            var bytes: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
            bytes += [0x80, 2, 0x4D, 0xE9, 0x03, 0x2E]
            bytes += [0x80, 2, 0x7D, 0x58, 13, 0, 0, 0] + Array("little_endian".utf8) + [0x88, 0x73, 0x2E]
            bytes += MadePickle.stateDict(tensors, wrapper: wrapper, isLegacy: true)
            var keys = MadePickle()
            keys.code(0x80, 2)
            keys.code(0x5D)
            keys.code(0x28)
            for index in tensors.indices.reversed() { keys.text(String(index)) }
            bytes += keys.bytes + [0x65, 0x2E]
            for index in tensors.indices.reversed() {
                let values = floats(tensors[index].value)
                bytes += little(values.count / 4, 8) + values
            }
            return bytes
        case .safetensors:
            var offset = 0
            let entries = tensors.map { key, tensor in
                defer { offset += 4 * tensor.values.count }
                let shape = tensor.shape.map(String.init).joined(separator: ",")
                return
                    "\"\(key)\":{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(offset + 4 * tensor.values.count)]}"
            }
            let header = Array("{\(entries.joined(separator: ","))}".utf8)
            return little(header.count, 8) + header + tensors.flatMap { floats($0.value) }
        case .npz, .deflatedNPZ:
            var zip = MadeZip(isStreamed: false)
            for (index, tensor) in tensors.enumerated() {
                let array = numPy(tensor.value, isFortran: index % 2 == 1)
                form == .npz ? zip.add(tensor.key + ".npy", array) : zip.addDeflated(tensor.key + ".npy", array)
            }
            return zip.finished()
        }
    }

    /// F32, row-major.
    package static func floats(_ tensor: MadeTensor) -> [UInt8] {
        tensor.values.flatMap { little(Int(Float($0).bitPattern), 4) }
    }

    package static func little(_ number: Int, _ count: Int) -> [UInt8] {
        (0 ..< count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    /// A `.npy` file of version 1.0, in the order of C or of Fortran.
    static func numPy(_ tensor: MadeTensor, isFortran: Bool) -> [UInt8] {
        let shape = tensor.shape.map(String.init).joined(separator: ", ") + (tensor.shape.count == 1 ? "," : "")
        let header = "{'descr': '<f4', 'fortran_order': \(isFortran ? "True" : "False"), 'shape': (\(shape)), }\n"
        var values = tensor.values
        if isFortran {
            // Place i of the file is the element whose indices count up from the first axis.
            values = values.indices.map { place in
                var (rest, index) = (place, 0)
                for (axis, size) in tensor.shape.enumerated() {
                    index += rest % size * tensor.shape[(axis + 1)...].reduce(1, *)
                    rest /= size
                }
                return tensor.values[index]
            }
        }
        return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(header.utf8.count, 2) + Array(header.utf8)
            + values.flatMap { little(Int(Float($0).bitPattern), 4) }
    }
}

/// A pickle, instruction by instruction.
package struct MadePickle {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func code(_ values: UInt8...) { bytes += values }
    package mutating func text(_ text: String) { bytes += [0x58] + MadeFile.little(text.utf8.count, 4) + Array(text.utf8) }
    package mutating func integer(_ number: Int) { bytes += [0x4A] + MadeFile.little(number, 4) }
    package mutating func global(_ module: String, _ name: String) { bytes += [0x63] + Array("\(module)\n\(name)\n".utf8) }

    package mutating func integers(_ numbers: [Int]) {
        code(0x28)
        for number in numbers { integer(number) }
        code(0x74)
    }

    /// A tensor, of single precision unless told otherwise: storage key and elements, offset, shape and strides.
    package mutating func tensor(
        _ key: String, elements: Int, offset: Int = 0, shape: [Int], strides: [Int], isLegacy: Bool = false,
        type: String = "FloatStorage"
    ) {
        global("torch._utils", "_rebuild_tensor_v2")
        code(0x28, 0x28)
        text("storage")
        global("torch", type)
        text(key)
        text("cpu")
        integer(elements)
        if isLegacy { code(0x4E) }
        code(0x74, 0x51)
        integer(offset)
        integers(shape)
        integers(strides)
        code(0x89)
        global("collections", "OrderedDict")
        code(0x29, 0x52, 0x74, 0x52)
    }

    static func strides(_ shape: [Int]) -> [Int] {
        shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
    }

    /// An OrderedDict, in a dictionary with an object of an unknown class beside it where there is a wrapper.
    static func stateDict(_ tensors: [(key: String, value: MadeTensor)], wrapper: String?, isLegacy: Bool) -> [UInt8] {
        var pickle = MadePickle()
        pickle.code(0x80, 2)
        if let wrapper {
            pickle.code(0x7D, 0x28)
            pickle.text("args")
            pickle.global("argparse", "Namespace")
            pickle.code(0x29, 0x81, 0x7D, 0x28)
            pickle.text("lr")
            pickle.code(0x4B, 1, 0x75, 0x62)
            pickle.text(wrapper)
        }
        pickle.global("collections", "OrderedDict")
        pickle.code(0x29, 0x52, 0x71, 0, 0x28)
        for (index, tensor) in tensors.enumerated() {
            pickle.text(tensor.key)
            pickle.tensor(
                String(index), elements: tensor.value.values.count, shape: tensor.value.shape, strides: strides(tensor.value.shape),
                isLegacy: isLegacy)
        }
        pickle.code(0x75)
        if wrapper != nil { pickle.code(0x75) }
        pickle.code(0x2E)
        return pickle.bytes
    }
}

/// A zip archive. A streamed one has its sizes behind the data and in ZIP64 fields.
package struct MadeZip {
    let isStreamed: Bool
    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0

    package init(isStreamed: Bool) { self.isStreamed = isStreamed }

    package mutating func add(_ name: String, _ data: [UInt8]) { add(name, data, size: data.count, method: 0) }

    /// Deflated without compression: stored blocks, which any inflater takes.
    mutating func addDeflated(_ name: String, _ data: [UInt8]) {
        var blocks: [UInt8] = []
        for start in stride(from: 0, to: data.count, by: 65535) {
            let block = data[start ..< min(start + 65535, data.count)]
            let isLast: UInt8 = start + 65535 >= data.count ? 1 : 0
            blocks += [isLast] + MadeFile.little(block.count, 2) + MadeFile.little(~block.count & 0xFFFF, 2) + block
        }
        add(name, blocks, size: data.count, method: 8)
    }

    private mutating func add(_ name: String, _ data: [UInt8], size: Int, method: Int) {
        func little(_ number: Int, _ count: Int) -> [UInt8] { MadeFile.little(number, count) }
        let offset = bytes.count
        let flags = little(isStreamed ? 0x808 : 0, 2) + little(method, 2) + [UInt8](repeating: 0, count: 4)
        let (localSizes, padding) =
            isStreamed ? ([UInt8](repeating: 0, count: 12), 7) : (little(0, 4) + little(data.count, 4) + little(size, 4), 0)
        bytes += [0x50, 0x4B, 3, 4, 20, 0] + flags + localSizes + little(name.utf8.count, 2) + little(padding, 2)
        bytes += Array(name.utf8) + [UInt8](repeating: 9, count: padding) + data
        if isStreamed { bytes += [0x50, 0x4B, 7, 8] + little(0, 4) + little(data.count, 8) + little(size, 8) }
        let wide = isStreamed ? [1, 0, 24, 0] + little(size, 8) + little(data.count, 8) + little(offset, 8) : []
        let sizes = isStreamed ? [UInt8](repeating: 0xFF, count: 8) : little(data.count, 4) + little(size, 4)
        directory += [0x50, 0x4B, 1, 2, 20, 0, 20, 0] + flags + little(0, 4) + sizes + little(name.utf8.count, 2) + little(wide.count, 2)
        directory += [UInt8](repeating: 0, count: 10) + (isStreamed ? [UInt8](repeating: 0xFF, count: 4) : little(offset, 4))
        directory += Array(name.utf8) + wide
        count += 1
    }

    package func finished() -> [UInt8] {
        func little(_ number: Int, _ count: Int) -> [UInt8] { MadeFile.little(number, count) }
        var end: [UInt8] = []
        if isStreamed {
            end += [0x50, 0x4B, 6, 6] + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) + little(count, 8) + little(count, 8)
            end += little(directory.count, 8) + little(bytes.count, 8)
            end += [0x50, 0x4B, 6, 7] + little(0, 4) + little(bytes.count + directory.count, 8) + little(1, 4)
        }
        end +=
            [0x50, 0x4B, 5, 6, 0, 0, 0, 0]
            + (isStreamed
                ? [UInt8](repeating: 0xFF, count: 12)
                : little(count, 2) + little(count, 2) + little(directory.count, 4) + little(bytes.count, 4))
        return bytes + directory + end + [0, 0]
    }
}

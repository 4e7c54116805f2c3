import CReglow
import Files
import GlowModel
import KernelInterface
import Reglow

/// A loaded model, with the texts that callers get of it.
final class ModelObject: HandleObject {
    static let kind = "model"

    let glow: Glow
    let path: CText
    /// SHA-256 of the file, in hexadecimal digits.
    let digest: String
    private let card: [(key: CText, value: CText)]

    /// - Throws: `FileError` for a name that is neither, `ModelFileError` for a file that is no model, `MemoryShortage`.
    init(nameOrPath: String, precision: Precision) throws {
        let path = try ShippedFiles.priorPath(nameOrPath)
        let file = try ModelFile(path: path)
        try requireMemory(2 * file.bytes)
        glow = try Glow(file, precision: precision, parallelism: Parallelism(threads: ThreadCount.available()))
        digest = try SHA256.hexDigest(ofFile: path).digest
        self.path = CText(path)
        card = glow.card.entries.sorted { $0.key < $1.key }.map { (CText($0.key), CText($0.value)) }
    }

    func cardKey(_ index: Int) -> CText? { card.indices.contains(index) ? card[index].key : nil }

    func cardEntry(_ key: String) -> CText? { card.first { String(cString: $0.key.pointer) == key }?.value }

    var facts: reglow_model_facts {
        let architecture = glow.architecture
        var facts = reglow_model_facts()
        facts.channels = architecture.imageChannels
        facts.levels = architecture.levels
        withUnsafeMutableBytes(of: &facts.steps) { steps in
            for (level, count) in architecture.steps.enumerated() {
                steps.storeBytes(of: count, toByteOffset: level * MemoryLayout<Int>.stride, as: Int.self)
            }
        }
        facts.hidden = architecture.hidden
        facts.coupling = architecture.coupling == .additive ? REGLOW_ADDITIVE : REGLOW_AFFINE
        facts.precision = reglow_precision(glow.precision)
        facts.size_multiple = architecture.sizeMultiple
        facts.pixel_shift = Double(architecture.pixelShift)
        facts.parameters = architecture.parameterCount
        facts.weight_bytes = glow.weightBytes
        withUnsafeMutableBytes(of: &facts.sha256) { $0.copyBytes(from: digest.utf8.prefix($0.count - 1)) }
        facts.fixed_height = architecture.fixedImageSize?.height ?? 0
        facts.fixed_width = architecture.fixedImageSize?.width ?? 0
        return facts
    }
}

extension reglow_precision {
    init(_ precision: Precision) { self = precision == .bf16 ? REGLOW_BF16 : REGLOW_FP32 }
}

extension Precision {
    init(_ choice: reglow_precision) throws(Fault) { self = try LibReglow.choice(choice.rawValue, "precision", [.fp32, .bf16]) }
}

extension reglow_model_facts: VersionedStruct {
    static var defaults: reglow_model_facts { reglow_model_facts() }
    static var name: String { "reglow_model_facts" }
    static var leastSize: Int { MemoryLayout<Self>.offset(of: \.fixed_height) ?? MemoryLayout<Self>.size }
}

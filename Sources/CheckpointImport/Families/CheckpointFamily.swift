/// A public implementation of Glow whose checkpoints are known.
public enum CheckpointFamily: String, CaseIterable, Sendable {
    /// CACTuS-AI/GlowIP and its forks.
    case glowip
    /// rosinality/glow-pytorch and its many copies.
    case rosinality
    /// y0ast/Glow-PyTorch.
    case y0ast
    /// chaiyujin/glow-pytorch.
    case chaiyujin
    /// The package normflows: GlowBlock in a MultiscaleFlow.
    case normflows
    /// kamenbliznashki/normalizing_flows.
    case kamen
    /// pclucas14/pytorch-glow.
    case pclucas
    /// dajinstory/glow-pytorch.
    case dajin
    /// openai/glow, in TensorFlow, its variables saved by NumPy.
    case openai

    /// A tensor that each coupling network of the family has, and no other family.
    var pattern: KeyPattern {
        switch self {
        case .glowip: KeyPattern("glow_modules.{}.coupling.net.conv1.weight")
        case .rosinality: KeyPattern("blocks.{}.flows.{}.coupling.net.4.conv.weight")
        case .y0ast: KeyPattern("flow.layers.{}.block.0.conv.weight")
        case .chaiyujin: KeyPattern("flow.layers.{}.f.0.weight")
        case .normflows: KeyPattern("flows.{}.{}.flows.0.flows.1.param_map.net.0.weight")
        case .kamen: KeyPattern("flowstep.{}.2.conv1.weight")
        case .pclucas: KeyPattern("layers.{}.NN.0.conv.weight")
        case .dajin: KeyPattern("blocks.{}.flows.{}.coupling.nets.0.4.conv.weight")
        case .openai: KeyPattern("{}/{}/f1/l_1/W", separator: "/")
        }
    }

    /// What the code feeds its network for a pixel value u: u - 0.5 + this.
    var inputOffset: Double {
        switch self {
        case .chaiyujin, .pclucas, .normflows: 0.5
        case .glowip, .rosinality, .y0ast, .kamen, .dajin, .openai: 0
        }
    }

    /// What is said of the files, by name, that no key of `--set` can help.
    static let refusals: [(pattern: KeyPattern, reason: String)] = [
        (
            KeyPattern("blocks.{}.flows.{}.norm.loc"),
            "is of the package pytorch-glow, whose networks have SiLU in place of ReLU: Reglow's have ReLU"
        )
    ]
}

extension CheckpointFamily {
    /// The one table of a checkpoint that is a model, its family, and what stands before its keys.
    ///
    /// - Throws: `Fault` where there is none, or more than one.
    static func find(in tables: [TensorTable]) throws -> (family: CheckpointFamily, table: TensorTable, prefix: String) {
        struct Candidate {
            let family: CheckpointFamily
            let table: TensorTable
            let prefix: String

            var text: String {
                let name = table.place.isEmpty ? "" : " in \(Fault.quoted(table.place))"
                return family.rawValue + name + (prefix.isEmpty ? "" : " under \(Fault.quoted(prefix))")
            }
        }
        var candidates: [Candidate] = []
        for table in tables {
            for family in allCases {
                let pattern = family.pattern
                let keys = [table.tensors.keys.map(\.self), table.unread.keys.map(\.self)].joined()
                let prefixes = Set(keys.compactMap { pattern.match($0)?.prefix })
                candidates += prefixes.sorted().map { Candidate(family: family, table: table, prefix: $0) }
            }
        }
        for (pattern, reason) in refusals where tables.contains(where: { $0.tensors.keys.contains { pattern.match($0) != nil } }) {
            throw Fault(reason)
        }
        if let only = candidates.first, candidates.count == 1 { return (only.family, only.table, only.prefix) }
        guard candidates.isEmpty else {
            let list = candidates.prefix(4).map(\.text).joined(separator: "; ")
            throw Fault("holds \(candidates.count) models, of which none can be preferred: \(list). Save one of them by itself")
        }
        let names = allCases.map(\.rawValue).joined(separator: ", ")
        let example = tables.flatMap(\.tensors.keys).min().map { "; a tensor of it is \(Fault.quoted($0))" } ?? ""
        throw Fault("is no Glow of a known family (\(names))\(example)")
    }
}

import GlowModel

/// The names of a model file of format 2, and how a flow is written as one.
extension FoldedFlow {
    static let format2 = "reglow-glow/2"

    /// What the file says about the architecture. The card is not in it.
    package var metadata: [String: String] {
        var metadata = architecture.metadata
        guard !fitsVersion1 else { return metadata }
        metadata["format"] = Self.format2
        metadata["affine_order"] = affineOrder.rawValue
        metadata["scale_map"] = scaleMap.rawValue
        metadata["split"] = keepsSecondHalf ? "second" : "first"
        metadata["squeeze"] = squeeze.map(\.rawValue).joined(separator: ",")
        return metadata
    }

    package var tensors: [SafetensorsTensor] {
        var tensors: [SafetensorsTensor] = []
        for (level, steps) in levels.enumerated() {
            for (index, step) in steps.enumerated() {
                tensors += self.tensors(of: step, level: level, name: "levels.\(level).steps.\(index).")
            }
            if let prior = priors[level] { tensors += self.tensors(of: prior, level: level) }
        }
        return tensors
    }

    private func tensors(of step: Step, level: Int, name: String) -> [SafetensorsTensor] {
        let (c, h) = (architecture.channels(level: level), architecture.hidden)
        let outputs = step.net2Bias.count
        var tensors = [
            SafetensorsTensor(name + "invconv.weight", shape: [c, c], step.mixing),
            SafetensorsTensor(name + "invconv.bias", shape: [c], step.mixingBias),
            SafetensorsTensor(name + "net.0.weight", shape: [h, c / 2, 3, 3], step.net0Weight),
            SafetensorsTensor(name + "net.0.bias", shape: [h], step.net0Bias),
            SafetensorsTensor(name + "net.1.weight", shape: [h, h], step.net1Weight),
            SafetensorsTensor(name + "net.1.bias", shape: [h], step.net1Bias),
            SafetensorsTensor(name + "net.2.weight", shape: [outputs, h, 3, 3], step.net2Weight),
            SafetensorsTensor(name + "net.2.bias", shape: [outputs], step.net2Bias),
        ]
        if let border = step.net0Border { tensors.append(SafetensorsTensor(name + "net.0.border", shape: [h, 3, 3], border)) }
        if let border = step.net2Border { tensors.append(SafetensorsTensor(name + "net.2.border", shape: [outputs, 3, 3], border)) }
        if step.scaleOffset != 0 { tensors.append(SafetensorsTensor(name + "scale_offset", shape: [1], [step.scaleOffset])) }
        return tensors
    }

    private func tensors(of prior: Prior, level: Int) -> [SafetensorsTensor] {
        let name = "levels.\(level).prior."
        let outputs = 2 * architecture.latentChannels(level: level)
        let kept = architecture.channels(level: level) / 2
        var tensors: [SafetensorsTensor] = []
        if let weight = prior.weight { tensors.append(SafetensorsTensor(name + "weight", shape: [outputs, kept, 3, 3], weight)) }
        if let bias = prior.bias { tensors.append(SafetensorsTensor(name + "bias", shape: [outputs], bias)) }
        if let border = prior.border { tensors.append(SafetensorsTensor(name + "border", shape: [outputs, 3, 3], border)) }
        if let map = prior.map {
            let (height, width) = prior.mapSize
            tensors.append(SafetensorsTensor(name + "map", shape: [outputs, height, width], map))
        }
        return tensors
    }

    /// Writes a model file. A file at `path` is replaced only when the new one is complete.
    ///
    /// - Throws: `FileError` when it cannot be written.
    package func write(to path: String, card: [String: String]) throws {
        try SafetensorsFile.write(
            tensors: tensors, metadata: card.merging(metadata) { _, architecture in architecture }, to: path)
    }
}

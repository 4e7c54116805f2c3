import Glibc

/// The layers that families have in common.
extension StateDict {
    /// C, h and O of a coupling network, from the shapes of its first and last convolutions.
    ///
    /// - Throws: `Fault` for shapes that are not those of a coupling of channels.
    func networkSizes(first: String, last: String) throws -> (channels: Int, hidden: Int, outputs: Int) {
        let (begin, end) = (try shape(first), try shape(last))
        guard begin.count == 4, begin[2] == 3, begin[3] == 3, begin[0] > 0, (1 ... 1 << 12).contains(begin[1]) else {
            throw fault(first, "has shape \(Fault.written(begin)), expected (hidden, C/2, 3, 3)")
        }
        let channels = 2 * begin[1]
        guard end.count == 4, end[0] == channels || end[0] == channels / 2 else {
            throw fault(last, "has shape \(Fault.written(end)), expected (\(channels) or \(channels / 2), \(begin[0]), 3, 3)")
        }
        return (channels, begin[0], end[0])
    }

    /// `{key}.weight`, and where there is one `{key}.bias`.
    func convolution(_ key: String, _ outputs: Int, _ inputs: Int, side: Int = 3, hasBias: Bool = true) throws -> Convolution {
        Convolution(
            outputs: outputs, inputs: inputs, taps: side * side, weight: try values(key + ".weight", [outputs, inputs, side, side]),
            bias: hasBias ? try vector(key + ".bias", outputs) : nil)
    }

    /// e^(factor logs)
    func exponentials(_ key: String, _ count: Int, factor: Double = 3) throws -> [Double] {
        try vector(key, count).map { exp(factor * $0) }
    }
}

/// Whether the actnorms of a model have been set from data, in families without a flag that says so: then not all of them are zero.
struct ActnormWatch {
    private var hasSeenData = false

    /// Returns the values, which are all zero in an actnorm that nothing has set.
    mutating func seen(_ values: [Double]) -> [Double] {
        if values.contains(where: { $0 != 0 }) { hasSeenData = true }
        return values
    }

    /// - Throws: `Fault` where all were zero.
    func requireTrained() throws {
        guard hasSeenData else { throw Fault("is untrained: all of its actnorms are zero") }
    }
}

/// The numbers of the layers of a model whose levels stand in one list: squeeze, steps, split, squeeze, ...
enum LayerList {
    /// - Parameters:
    ///   - steps: the first layer of each step, and its channels.
    ///   - stepLayers: how many layers a step has.
    ///   - name: what errors call a layer before its number.
    /// - Throws: `Fault` for a layer that is missing.
    static func requireComplete(_ steps: [(layer: Int, channels: Int)], stepLayers: Int, name: String) throws {
        var expected = 1
        var channels = steps.first?.channels ?? 0
        for step in steps {
            // A split and a squeeze between levels.
            if step.channels != channels { expected += 2 }
            guard step.layer == expected else { throw Fault("\(name)\(expected) is missing: the file is not complete, or another network") }
            expected += stepLayers
            channels = step.channels
        }
    }
}

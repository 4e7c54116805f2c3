import Glibc

/// rosinality and dajin: `blocks.{b}.flows.{k}`, last convolutions that pad with 1.
///
/// rosinality's first half conditions and its blocks have priors; of dajin's the second half conditions, s = e^(sg(r + 2)), and there are none.
struct BlocksReader {
    private let state: StateDict
    private let isDajin: Bool
    private var builder: GlowBuilder
    private var watch = ActnormWatch()
    private var hasFlags = false

    /// - Throws: `Fault` that names the key.
    static func fold(_ state: StateDict, _ family: CheckpointFamily, inputOffset: Double) throws -> FoldedFlow {
        var reader = BlocksReader(state, isDajin: family == .dajin, inputOffset: inputOffset)
        return try reader.fold()
    }

    private init(_ state: StateDict, isDajin: Bool, inputOffset: Double) {
        self.state = state
        self.isDajin = isDajin
        builder = GlowBuilder(
            inputOffset: inputOffset, conditionsOnSecondHalf: isDajin, scaleMap: isDajin ? .expSigmoid : .sigmoid)
    }

    private mutating func fold() throws -> FoldedFlow {
        let net = isDajin ? "coupling.nets.0" : "coupling.net"
        let steps = state.numbers(
            isDajin ? KeyPattern("blocks.{}.flows.{}.coupling.nets.0.4.conv.weight") : CheckpointFamily.rosinality.pattern)
        var expected = (block: 0, flow: 0)
        for numbers in steps {
            if numbers[0] == expected.block + 1 { expected = (expected.block + 1, 0) }
            guard numbers == [expected.block, expected.flow] else {
                throw Fault("blocks.\(expected.block).flows.\(expected.flow) is missing: the file is not complete, or another network")
            }
            expected.flow += 1
            let name = "blocks.\(numbers[0]).flows.\(numbers[1])"
            let step = try step(name, net: "\(name).\(net).")
            guard try builder.level(ofChannels: step.mixing.order, name: name) == numbers[0] else {
                throw Fault("\(name) has \(step.mixing.order) channels, which is not one level for each block")
            }
            try builder.add(step, name: name)
        }
        if !hasFlags { try watch.requireTrained() }
        if !isDajin { for level in 0 ..< builder.levelCount { try prior(level) } }
        try state.requireAllUsed { $0.hasPrefix("blocks.") && !(isDajin && $0.contains(".coupling.nets.1.")) }
        return try builder.build()
    }

    private mutating func step(_ name: String, net: String) throws -> GlowBuilder.RawStep {
        let (c, h, outputs) = try state.networkSizes(first: net + "0.weight", last: net + "4.conv.weight")
        let (shift, scale) = try actnorm(name + ".actnorm.", c)
        let mixing = try convolution1x1(name, c).scalingColumns(scale)
        let first = try state.convolution(net + "0", h, c / 2)
        let second = try state.convolution(net + "2", h, h, side: 1)
        let last = try padded(net + "4.", outputs, h, order: outputs == c ? OutputOrder.exchanged(outputs) : nil)
        return .init(mixing: mixing, mixingBias: mixing.times(shift), net0: first, net1: second, net2: last)
    }

    /// A convolution that pads with 1, and its scale.
    private func padded(_ name: String, _ outputs: Int, _ inputs: Int, order: [Int]?) throws -> Convolution {
        var convolution = try state.convolution(name + "conv", outputs, inputs)
        convolution.pad(with: [Double](repeating: 1, count: inputs))
        convolution.scale(try state.exponentials(name + "scale", outputs))
        if let order { convolution.reorder(order) }
        return convolution
    }

    private mutating func actnorm(_ name: String, _ c: Int) throws -> (shift: [Double], scale: [Double]) {
        if let isSet = try state.flag(name + "initialized") {
            hasFlags = true
            guard isSet else { throw Fault("is untrained: \(name)initialized is 0") }
        }
        if isDajin {
            let shift = watch.seen(try state.vector(name + "bias", c))
            return (shift, watch.seen(try state.vector(name + "logs", c)).map { exp($0) })
        }
        let shift = watch.seen(try state.vector(name + "loc", c))
        let scale = try state.vector(name + "scale", c)
        _ = watch.seen(scale.map { $0 - 1 })
        return (shift, scale)
    }

    /// A plain matrix or its factors. The last block has factors even where the others have not.
    private func convolution1x1(_ name: String, _ c: Int) throws -> SquareMatrix {
        let key = name + ".invconv."
        if state.has(key + "weight") { return SquareMatrix(order: c, elements: try state.matrix(key + "weight", c, c)) }
        if isDajin, !state.has(key + "w_p") {
            throw Fault("\(name) has no 1x1 convolution: it permutes channels, and how is not in the file")
        }
        for mask in ["u_mask", "l_mask", "l_eye"] where state.has(key + mask) { state.ignore(key + mask) }
        return SquareMatrix(
            permutation: try state.matrix(key + "w_p", c, c), lower: try state.matrix(key + "w_l", c, c),
            upper: try state.matrix(key + "w_u", c, c), sign: try state.vector(key + "s_sign", c), logs: try state.vector(key + "w_s", c))
    }

    /// Applied to the kept half, or in the last block to zeros, whose padding is 1 all the same.
    private mutating func prior(_ level: Int) throws {
        let isLast = level == builder.levelCount - 1
        let c = builder.channels(level: level)
        let (inputs, outputs) = isLast ? (c, 2 * c) : (c / 2, c)
        let name = "blocks.\(level).prior"
        try builder.setPrior(try padded(name + ".", outputs, inputs, order: nil), level: level, isLast: isLast, name: name)
    }
}

import Glibc

/// kamen: second half conditions, scale before shift; the 1x1 convolution of the networks pads, the last one does not.
struct KamenReader {
    private let state: StateDict
    private var builder: GlowBuilder
    private var hasFlags = false
    private var watch = ActnormWatch()

    /// - Throws: `Fault` that names the key.
    static func fold(_ state: StateDict, inputOffset: Double) throws -> FoldedFlow {
        var reader = KamenReader(state: state, inputOffset: inputOffset)
        return try reader.fold()
    }

    private init(state: StateDict, inputOffset: Double) {
        self.state = state
        builder = GlowBuilder(inputOffset: inputOffset, conditionsOnSecondHalf: true, affineOrder: .scaleFirst)
    }

    private mutating func fold() throws -> FoldedFlow {
        let inner = state.numbers(KeyPattern("flowlevels.{}.flowsteps.{}.2.conv1.weight"))
        let levelCount = (inner.last?[0] ?? -1) + 1
        for level in 0 ..< levelCount {
            try addLevel("flowlevels.\(level).flowsteps.", inner.filter { $0[0] == level }.map { $0[1] }, level: level)
        }
        try addLevel("flowstep.", state.numbers(CheckpointFamily.kamen.pattern).map { $0[0] }, level: levelCount)
        if !hasFlags { try watch.requireTrained() }
        for level in 0 ..< levelCount {
            let c = builder.channels(level: level)
            try prior("flowlevels.\(level).split.gaussianize.", outputs: c, inputs: c / 2, level: level, isLast: false)
        }
        let c = builder.channels(level: levelCount)
        try prior("gaussianize.", outputs: 2 * c, inputs: c, level: levelCount, isLast: true)
        try state.requireAllUsed { key in ["flowlevels.", "flowstep.", "gaussianize."].contains { key.hasPrefix($0) } }
        return try builder.build()
    }

    private mutating func addLevel(_ name: String, _ indices: [Int], level: Int) throws {
        guard !indices.isEmpty, indices == Array(0 ..< indices.count) else {
            throw Fault("\(name)\(indices.count) is missing: the file is not complete, or another network")
        }
        for index in indices {
            let step = try step("\(name)\(index).")
            guard try builder.level(ofChannels: step.mixing.order, name: name + String(index)) == level else {
                throw Fault("\(name)\(index) has \(step.mixing.order) channels, which is not one level for each of flowlevels")
            }
            try builder.add(step, name: name + String(index))
        }
    }

    private mutating func step(_ name: String) throws -> GlowBuilder.RawStep {
        let net = name + "2."
        let (c, h, outputs) = try state.networkSizes(first: net + "conv1.weight", last: net + "conv3.weight")
        guard outputs == c else { throw Fault("\(net)conv3 has \(outputs) outputs: kamen's couplings are affine") }
        let (bias, scale) = try actnorm(name + "0.", c)
        let mixing = SquareMatrix(order: c, elements: try state.matrix(name + "1.w", c, c)).scalingColumns(scale.map { 1 / $0 })
        let shift = mixing.times(bias).map { -$0 }

        var first = try state.convolution(net + "conv1", h, c / 2, hasBias: false)
        var second = try state.convolution(net + "conv2", h, h, side: 1, hasBias: false)
        let (bias1, scale1) = try actnorm(net + "actnorm1.", h)
        first.add(bias1.map { -$0 })
        first.scale(scale1.map { 1 / $0 })
        let (bias2, scale2) = try actnorm(net + "actnorm2.", h)
        second.add(bias2.map { -$0 })
        second.scale(scale2.map { 1 / $0 })
        // The pixels that the second convolution adds around the image have zero for their input.
        let ring = second.bias.map { max(0, $0) }
        var last = try state.convolution(net + "conv3", outputs, h)
        last.pad(with: ring)
        last.scale(try state.exponentials(net + "log_scale_factor", outputs, factor: 1))
        last.reorder(OutputOrder.evenOdd(outputs))
        return .init(mixing: mixing, mixingBias: shift, net0: first, net1: second, net2: last)
    }

    /// (x - bias) / scale
    private mutating func actnorm(_ name: String, _ count: Int) throws -> (bias: [Double], scale: [Double]) {
        if let isSet = try state.flag(name + "initialized") {
            hasFlags = true
            guard isSet else { throw Fault("is untrained: \(name)initialized is 0") }
        }
        let scale = try state.vector(name + "scale", count)
        guard scale.allSatisfy({ $0 != 0 }) else { throw state.fault(name + "scale", "has a zero, which is divided by") }
        return (watch.seen(try state.vector(name + "bias", count)), scale)
    }

    private mutating func prior(_ name: String, outputs: Int, inputs: Int, level: Int, isLast: Bool) throws {
        var convolution = try state.convolution(name + "net", outputs, inputs)
        convolution.scale(try state.exponentials(name + "log_scale_factor", outputs, factor: 1))
        convolution.reorder(OutputOrder.evenOdd(outputs))
        try builder.setPrior(convolution, level: level, isLast: isLast, name: String(name.dropLast()))
    }
}

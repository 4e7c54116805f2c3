import Glibc

/// normflows: coarsest level first, the last step first; shifts are subtracted; the base density of each level apart.
struct NormflowsReader {
    private let state: StateDict
    private let settings: ImportSettings
    private var builder: GlowBuilder

    /// - Throws: `Fault` that names the key.
    static func fold(_ state: StateDict, _ settings: ImportSettings, inputOffset: Double) throws -> FoldedFlow {
        let scaleMap: FoldedFlow.ScaleMap =
            switch settings.scaleMap ?? .sigmoid {
            case .sigmoid: .sigmoid
            case .exp: .exp
            case .inverseSigmoid: .inverseSigmoid
            }
        var reader = NormflowsReader(
            state: state, settings: settings, builder: GlowBuilder(inputOffset: inputOffset, scaleMap: scaleMap))
        return try reader.fold()
    }

    private init(state: StateDict, settings: ImportSettings, builder: GlowBuilder) {
        (self.state, self.settings, self.builder) = (state, settings, builder)
    }

    private mutating func fold() throws -> FoldedFlow {
        let steps = state.numbers(CheckpointFamily.normflows.pattern)
        let levelCount = (steps.last?[0] ?? -1) + 1
        for level in 0 ..< levelCount {
            // flows.0 is the coarsest.
            let part = levelCount - 1 - level
            let inLevel = steps.filter { $0[0] == part }.map { $0[1] }
            guard !inLevel.isEmpty, inLevel == Array(0 ..< inLevel.count) else {
                throw Fault("flows.\(part) does not have all of its steps: the file is not complete, or another network")
            }
            for index in inLevel.reversed() {
                let name = "flows.\(part).\(index)"
                let step = try step(name)
                guard try builder.level(ofChannels: step.mixing.order, name: name) == level else {
                    throw Fault("\(name) has \(step.mixing.order) channels, which is not one level for each group of flows")
                }
                try builder.add(step, name: name)
            }
        }
        for level in 0 ..< builder.levelCount { try base(level, name: "q0.\(levelCount - 1 - level).") }
        if settings.imageClass != nil, !isConditional { throw Fault("is not class-conditional, so it has no class") }
        try state.requireAllUsed { $0.hasPrefix("flows.") || $0.hasPrefix("q0.") }
        return try builder.build()
    }

    private var isConditional = false

    private func step(_ name: String) throws -> GlowBuilder.RawStep {
        let net = name + ".flows.0.flows.1.param_map.net."
        // With actnorms between them the convolutions have other numbers.
        let hasActnorms = state.has(net + "6.weight")
        let (secondName, lastName) = hasActnorms ? (net + "3", net + "6") : (net + "2", net + "4")
        let (c, h, outputs) = try sizes(name, first: net + "0.weight", last: lastName + ".weight")
        let actnorm = name + ".flows.2."
        if try state.flag(actnorm + "data_dep_init_done") == false { throw Fault("is untrained: \(actnorm)data_dep_init_done is 0") }

        let scale = try state.vector(actnorm + "s", c).map { exp(-$0) }
        let mixing = try convolution1x1(name + ".flows.1.", c).scalingColumns(scale)
        let bias = mixing.times(try state.vector(actnorm + "t", c)).map { -$0 }
        var first = try state.convolution(net + "0", h, c / 2)
        var second = try state.convolution(secondName, h, h, side: 1)
        if hasActnorms {
            try applyActnorm(net + "1.actNorm.", h, &first)
            try applyActnorm(net + "4.actNorm.", h, &second)
        }
        var last = try state.convolution(lastName, outputs, h)
        if outputs == c { last.reorder(OutputOrder.evenOdd(outputs)) }
        // b - t, and s = e^-r for the map exp.
        let negatesScale = settings.scaleMap == .exp
        last.scale((0 ..< outputs).map { $0 < c / 2 || negatesScale ? -1 : 1 })
        return .init(mixing: mixing, mixingBias: bias, net0: first, net1: second, net2: last)
    }

    /// - Throws: `Fault` for a coupling that splits the image as a checkerboard: its networks see all channels.
    private func sizes(_ name: String, first: String, last: String) throws -> (channels: Int, hidden: Int, outputs: Int) {
        let channels = try state.shape(name + ".flows.2.s").reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
        let shape = try state.shape(first)
        if shape.count == 4, shape[1] == channels { throw Fault("\(name) splits as a checkerboard, which Reglow does not do") }
        return try state.networkSizes(first: first, last: last)
    }

    /// The actnorm in a network, y e^s + t: the other direction of the flow's.
    private func applyActnorm(_ name: String, _ count: Int, _ convolution: inout Convolution) throws {
        if try state.flag(name + "data_dep_init_done") == false { throw Fault("is untrained: \(name)data_dep_init_done is 0") }
        convolution.scale(try state.exponentials(name + "s", count, factor: 1))
        convolution.add(try state.vector(name + "t", count))
    }

    private func convolution1x1(_ name: String, _ c: Int) throws -> SquareMatrix {
        if state.has(name + "W") { return SquareMatrix(order: c, elements: try state.matrix(name + "W", c, c)) }
        if state.has(name + "eye") { state.ignore(name + "eye") }
        return SquareMatrix(
            permutation: try state.matrix(name + "P", c, c), lower: try state.matrix(name + "L", c, c),
            upper: try state.matrix(name + "U", c, c), sign: try state.vector(name + "sign_S", c), logs: try state.vector(name + "log_S", c)
        )
    }

    /// DiagGaussian, ClassCondDiagGaussian or GlowBase, by what the file has; a fixed base may have nothing.
    private mutating func base(_ level: Int, name: String) throws {
        guard state.has(name + "loc") else { return }
        let isLast = level == builder.levelCount - 1
        let count = isLast ? builder.channels(level: level) : builder.channels(level: level) / 2
        if state.has(name + "loc_logs") { return try glowBase(level, count, isLast: isLast, name) }

        let shape = try state.shape(name + "loc")
        let isOfClasses = shape.count == 4 && shape[0] == count && shape[0] != 1
        guard isOfClasses || (shape.count == 4 && shape[0] == 1 && shape[1] == count), shape.allSatisfy({ $0 > 0 }) else {
            throw state.fault(name + "loc", "has shape \(Fault.written(shape)), expected (1, \(count), height, width)")
        }
        var numbers = try state.values(name + "loc", shape) + state.values(name + "log_scale", shape)
        let (height, width) = isOfClasses ? (shape[1], shape[2]) : (shape[2], shape[3])
        if isOfClasses {
            isConditional = true
            let number = try settings.requireClass(of: shape[3])
            numbers = stride(from: number, to: numbers.count, by: shape[3]).map { numbers[$0] }
        }
        try builder.setPrior(map: numbers, height: height, width: width, level: level, name: name)
    }

    /// mu = loc e^(3 loc_logs), ls = log_scale e^(3 log_scale_logs), and of a class its row added.
    private mutating func glowBase(_ level: Int, _ count: Int, isLast: Bool, _ name: String) throws {
        var prior = Convolution(outputs: 2 * count, inputs: 0, taps: 9, weight: [])
        prior.add(try state.vector(name + "loc", count) + state.vector(name + "log_scale", count))
        prior.scale(
            try state.exponentials(name + "loc_logs", count) + state.exponentials(name + "log_scale_logs", count))
        if state.has(name + "loc_cc") {
            isConditional = true
            let classes = try state.shape(name + "loc_cc").first ?? 0
            let number = try settings.requireClass(of: classes)
            let rows = try ["loc_cc", "log_scale_cc"].flatMap { key in
                try state.matrix(name + key, classes, count)[number * count ..< (number + 1) * count]
            }
            prior.add(rows)
        }
        try builder.setPrior(prior, level: level, isLast: isLast, name: name)
    }
}

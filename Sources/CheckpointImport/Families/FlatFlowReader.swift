import Glibc

/// y0ast, chaiyujin and pclucas, which come from one code: actnorms (x + b) e^logs, even outputs shift, priors with even means.
struct FlatFlowReader {
    /// What the three call things.
    private struct Names {
        let net: String
        let conv: String
        let actnormBias: String
        let split: KeyPattern
        let splitConvolution: String
        let top: String?
    }

    private let state: StateDict
    private let family: CheckpointFamily
    private let settings: ImportSettings
    private let configuration: ImportConfiguration
    private let names: Names
    private var builder: GlowBuilder
    private var watch = ActnormWatch()

    /// - Throws: `Fault` that names the key.
    static func fold(
        _ state: StateDict, _ family: CheckpointFamily, _ settings: ImportSettings, _ configuration: ImportConfiguration,
        inputOffset: Double
    ) throws -> FoldedFlow {
        var reader = FlatFlowReader(state, family, settings, configuration, inputOffset: inputOffset)
        return try reader.fold()
    }

    private init(
        _ state: StateDict, _ family: CheckpointFamily, _ settings: ImportSettings, _ configuration: ImportConfiguration,
        inputOffset: Double
    ) {
        (self.state, self.family, self.settings, self.configuration) = (state, family, settings, configuration)
        names =
            switch family {
            case .y0ast:
                Names(
                    net: "block", conv: ".conv", actnormBias: "bias", split: KeyPattern("flow.layers.{}.conv.conv.weight"),
                    splitConvolution: "conv.conv", top: "learn_top_fn.conv")
            case .chaiyujin:
                Names(
                    net: "f", conv: "", actnormBias: "bias", split: KeyPattern("flow.layers.{}.conv.weight"), splitConvolution: "conv",
                    top: "learn_top")
            default:
                Names(
                    net: "NN", conv: ".conv", actnormBias: "b", split: KeyPattern("layers.{}.conv_zero.weight"),
                    splitConvolution: "conv_zero", top: nil)
            }
        builder = GlowBuilder(inputOffset: inputOffset)
    }

    private var isPCLucas: Bool { family == .pclucas }
    private var root: String { isPCLucas ? "layers." : "flow.layers." }

    private mutating func fold() throws -> FoldedFlow {
        var layers: [(layer: Int, channels: Int)] = []
        for numbers in state.numbers(family.pattern) {
            // The pattern is that of the network, which pclucas has in a layer of its own behind actnorm and 1x1 convolution.
            let first = isPCLucas ? numbers[0] - 2 : numbers[0]
            let name = root + String(first)
            let step = try step(first, net: "\(root)\(numbers[0]).\(names.net).")
            try builder.add(step, name: name)
            layers.append((first, step.mixing.order))
        }
        try LayerList.requireComplete(layers, stepLayers: isPCLucas ? 3 : 1, name: root)
        try watch.requireTrained()
        try splits(after: layers)
        try top(behind: (layers.last?.layer ?? 0) + (isPCLucas ? 3 : 1))
        // The classifier that some train beside the flow does nothing to it.
        try state.requireAllUsed { $0.hasPrefix(root) }
        return try builder.build()
    }

    private mutating func step(_ layer: Int, net: String) throws -> GlowBuilder.RawStep {
        let lastName = net + "4" + (family == .y0ast ? ".conv" : "")
        let (c, h, outputs) = try state.networkSizes(first: net + "0" + names.conv + ".weight", last: lastName + ".weight")
        let actnorm = root + String(layer) + (isPCLucas ? "." : ".actnorm.")
        let logs = watch.seen(try state.vector(actnorm + "logs", c))
        let shift = watch.seen(try state.vector(actnorm + names.actnormBias, c))
        let mixing = try convolution1x1(layer, c).scalingColumns(logs.map { exp($0) })

        func hidden(_ index: Int, inputs: Int, side: Int) throws -> Convolution {
            var convolution = try state.convolution("\(net)\(index)\(names.conv)", h, inputs, side: side, hasBias: false)
            convolution.actnorm(
                watch.seen(try state.vector("\(net)\(index).actnorm.\(names.actnormBias)", h)),
                logs: watch.seen(try state.vector("\(net)\(index).actnorm.logs", h)))
            return convolution
        }
        let (first, second) = (try hidden(0, inputs: c / 2, side: 3), try hidden(2, inputs: h, side: 1))
        var last = try state.convolution(lastName, outputs, h)
        last.scale(try state.exponentials(net + "4.logs", outputs))
        if outputs == c { last.reorder(OutputOrder.evenOdd(outputs)) }
        return .init(mixing: mixing, mixingBias: mixing.times(shift), net0: first, net1: second, net2: last)
    }

    private func convolution1x1(_ layer: Int, _ c: Int) throws -> SquareMatrix {
        if isPCLucas {
            let name = root + "\(layer + 1)."
            if state.has(name + "indices") {
                state.ignore(name + "rev_indices")
                return SquareMatrix(permutation: try state.permutation(name + "indices", c))
            }
            return SquareMatrix(order: c, elements: try state.matrix(name + "weight", c, c))
        }
        let name = root + "\(layer).invconv."
        if state.has(name + "weight") { return SquareMatrix(order: c, elements: try state.matrix(name + "weight", c, c)) }
        if state.has(name + "p") {
            let (lower, upper) = family == .y0ast ? ("lower", "upper") : ("l", "u")
            for mask in ["l_mask", "eye"] where state.has(name + mask) { state.ignore(name + mask) }
            return SquareMatrix(
                permutation: try state.matrix(name + "p", c, c), lower: try state.matrix(name + lower, c, c),
                upper: try state.matrix(name + upper, c, c), sign: try state.vector(name + "sign_s", c),
                logs: try state.vector(name + "log_s", c))
        }
        try requireReversal()
        return .reversal(c)
    }

    /// - Throws: `Fault` unless the settings or the configuration say that the channels are reversed.
    private func requireReversal() throws {
        if settings.permutation == .reverse { return }
        switch configuration.text("flow_permutation") {
        case "reverse": return
        case "shuffle": throw Fault("permutes channels by a shuffle, which is not in the file: the model is lost")
        case let other?: throw Fault("has no 1x1 convolution, and its configuration says flow_permutation \(Fault.quoted(other))")
        case nil:
            throw Fault(
                "has no 1x1 convolution: where the channels were reversed say so by permutation=reverse or by its configuration; "
                    + "where they were shuffled the permutation is not in the file, and the model is lost")
        }
    }

    /// The priors of all levels but the last, each in the layer behind the last step of its level.
    private mutating func splits(after layers: [(layer: Int, channels: Int)]) throws {
        let stepLayers = isPCLucas ? 3 : 1
        for level in 0 ..< max(0, builder.levelCount - 1) {
            let c = builder.channels(level: level)
            guard let last = layers.last(where: { $0.channels == c }) else { continue }
            let name = root + String(last.layer + stepLayers)
            let convolution = try zeroConvolution("\(name).\(names.splitConvolution)", c, c / 2, order: OutputOrder.evenOdd(c))
            try builder.setPrior(convolution, level: level, isLast: false, name: name)
        }
    }

    /// A convolution with its output scale, whose logs y0ast has beside the convolution and the others in it.
    private func zeroConvolution(_ key: String, _ outputs: Int, _ inputs: Int, order: [Int]?) throws -> Convolution {
        var convolution = try state.convolution(key, outputs, inputs)
        let scaleKey = family == .y0ast ? String(key.dropLast("conv".count)) + "logs" : key + ".logs"
        convolution.scale(try state.exponentials(scaleKey, outputs))
        if let order { convolution.reorder(order) }
        return convolution
    }

    /// The prior of the last level: learned or not, of a class or not.
    private mutating func top(behind layer: Int) throws {
        let level = builder.levelCount - 1
        guard level >= 0 else { return }
        let c = builder.channels(level: level)
        let key = names.top ?? root + "\(layer).conv"
        if !isPCLucas, state.has("prior_h") {
            let shape = try state.shape("prior_h")
            guard try state.values("prior_h", shape).allSatisfy({ $0 == 0 }) else {
                throw Fault("prior_h is not zero, which it is in the family's code")
            }
        }
        var prior: Convolution?
        if state.has(key + ".weight") { prior = try zeroConvolution(key, 2 * c, 2 * c, order: nil) }
        if !isPCLucas, let embedded = try classEmbedding(2 * c) {
            if prior == nil { prior = Convolution(outputs: 2 * c, inputs: 0, taps: 9, weight: []) }
            prior?.add(embedded)
        }
        if let prior { try builder.setPrior(prior, level: level, isLast: true, name: key) }
    }

    /// (W row + b) e^(3 logs) of the class that was chosen; nil in a model without classes.
    private func classEmbedding(_ count: Int) throws -> [Double]? {
        let nested = "project_ycond.linear."
        let name = state.has(nested + "weight") ? nested : "project_ycond."
        guard state.has(name + "weight") else {
            if let number = settings.imageClass { throw Fault("is not class-conditional, so it has no class \(number)") }
            return nil
        }
        let shape = try state.shape(name + "weight")
        guard shape.count == 2 else { throw state.fault(name + "weight", "is no matrix") }
        let number = try settings.requireClass(of: shape[1])
        let weight = try state.matrix(name + "weight", count, shape[1])
        let bias = try state.vector(name + "bias", count)
        let scale = try state.exponentials("project_ycond.logs", count)
        return (0 ..< count).map { (weight[$0 * shape[1] + number] + bias[$0]) * scale[$0] }
    }
}

extension ImportSettings {
    /// - Throws: `Fault` where no class is chosen, or one that the model does not have.
    func requireClass(of count: Int) throws -> Int {
        guard let imageClass else {
            throw Fault("is class-conditional: choose one of its \(count) classes by class=0 to class=\(count - 1)")
        }
        guard imageClass < count else { throw Fault("has \(count) classes, from 0; there is no class \(imageClass)") }
        return imageClass
    }
}

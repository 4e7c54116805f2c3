import Glibc

/// openai: kernels as (row, column, input, output) with one more input that marks the border, logs times 3 everywhere.
struct OpenAIReader {
    private let state: StateDict
    private let settings: ImportSettings
    private var builder: GlowBuilder
    private var watch = ActnormWatch()

    /// - Throws: `Fault` that names the key.
    static func fold(_ state: StateDict, _ settings: ImportSettings, inputOffset: Double) throws -> FoldedFlow {
        var reader = OpenAIReader(state, settings, inputOffset: inputOffset)
        return try reader.fold()
    }

    private init(_ state: StateDict, _ settings: ImportSettings, inputOffset: Double) {
        (self.state, self.settings) = (state, settings)
        builder = GlowBuilder(inputOffset: inputOffset)
    }

    private mutating func fold() throws -> FoldedFlow {
        let steps = state.numbers(CheckpointFamily.openai.pattern)
        let levelCount = (steps.last?[0] ?? -1) + 1
        for level in 0 ..< levelCount {
            let indices = steps.filter { $0[0] == level }.map { $0[1] }
            guard !indices.isEmpty, indices == Array(0 ..< indices.count) else {
                throw Fault("\(level)/\(indices.count) is missing: the file is not complete, or another network")
            }
            for index in indices {
                let step = try step("\(level)/\(index)/")
                guard try builder.level(ofChannels: step.mixing.order, name: "\(level)/\(index)") == level else {
                    throw Fault("\(level)/\(index) has \(step.mixing.order) channels, which is not one level for each number")
                }
                try builder.add(step, name: "\(level)/\(index)")
            }
        }
        try watch.requireTrained()
        for level in 0 ..< max(0, levelCount - 1) {
            let c = builder.channels(level: level)
            let name = "pool\(level)/conv/"
            var convolution = try bordered(name, c, c / 2)
            convolution.add(try state.vector(name + "b", c))
            convolution.scale(try state.exponentials(name + "logs", c))
            convolution.reorder(OutputOrder.evenOdd(c))
            try builder.setPrior(convolution, level: level, isLast: false, name: String(name.dropLast()))
        }
        try top(2 * builder.channels(level: levelCount - 1), level: levelCount - 1)
        // Averages and optimizer slots stand under the names of what they belong to.
        try state.requireAllUsed { key in
            key.utf8.first.map { (0x30 ... 0x39).contains($0) } == true && !key.contains("ExponentialMovingAverage")
                && !key.contains("Adam")
        }
        return try builder.build()
    }

    private mutating func step(_ name: String) throws -> GlowBuilder.RawStep {
        let net = name + "f1/"
        let first = try state.shape(net + "l_1/W")
        let end = try state.shape(net + "l_last/W")
        guard first.count == 4, (2 ... 1 << 12).contains(first[2]), first[3] > 0, end.count == 4 else {
            throw state.fault(net + "l_1/W", "has shape \(Fault.written(first)), expected (3, 3, C/2 + 1, hidden)")
        }
        let (c, h, outputs) = (2 * (first[2] - 1), first[3], end[3])
        guard outputs == c || outputs == c / 2 else {
            throw state.fault(net + "l_last/W", "has \(outputs) outputs, expected \(c) or \(c / 2)")
        }
        let mixing = try convolution1x1(name, c).scalingColumns(
            watch.seen(try state.vector(name + "actnorm_scale/logs", c)).map { exp(3 * $0) })
        let bias = mixing.times(watch.seen(try state.vector(name + "actnorm_center/b", c)))

        var net0 = try bordered(net + "l_1/", h, c / 2)
        try applyActnorm(net + "l_1/", h, &net0)
        let square = SquareMatrix(order: h, elements: try state.values(net + "l_2/W", [1, 1, h, h])).transposed
        var net1 = Convolution(outputs: h, inputs: h, taps: 1, weight: square.elements)
        try applyActnorm(net + "l_2/", h, &net1)
        var net2 = try bordered(net + "l_last/", outputs, h)
        net2.add(try state.vector(net + "l_last/b", outputs))
        net2.scale(try state.exponentials(net + "l_last/logs", outputs))
        if outputs == c { net2.reorder(OutputOrder.evenOdd(outputs)) }
        return .init(mixing: mixing, mixingBias: bias, net0: net0, net1: net1, net2: net2)
    }

    private mutating func applyActnorm(_ name: String, _ count: Int, _ convolution: inout Convolution) throws {
        let b = watch.seen(try state.vector(name + "actnorm_center/b", count))
        convolution.actnorm(b, logs: watch.seen(try state.vector(name + "actnorm_scale/logs", count)).map { 3 * $0 })
    }

    /// A 3x3 kernel whose last input is 1 outside of the image: (3, 3, inputs + 1, outputs).
    private func bordered(_ name: String, _ outputs: Int, _ inputs: Int) throws -> Convolution {
        let kernel = try state.values(name + "W", [3, 3, inputs + 1, outputs])
        var weight = [Double](repeating: 0, count: outputs * inputs * 9)
        var border = [Double](repeating: 0, count: outputs * 9)
        for tap in 0 ..< 9 {
            for i in 0 ... inputs {
                let row = (tap * (inputs + 1) + i) * outputs
                for o in 0 ..< outputs {
                    if i == inputs { border[o * 9 + tap] = kernel[row + o] } else { weight[(o * inputs + i) * 9 + tap] = kernel[row + o] }
                }
            }
        }
        return Convolution(outputs: outputs, inputs: inputs, taps: 9, weight: weight, border: border)
    }

    private func convolution1x1(_ name: String, _ c: Int) throws -> SquareMatrix {
        if state.has(name + "invconv/W") {
            return SquareMatrix(order: c, elements: try state.matrix(name + "invconv/W", c, c)).transposed
        }
        if state.has(name + "shuffle/indices") {
            state.ignore(name + "shuffle/indices_inverse")
            return SquareMatrix(permutation: try state.permutation(name + "shuffle/indices", c))
        }
        return .reversal(c)
    }

    /// The prior of the last level, a convolution of zeros: only what it adds counts, and its border.
    private mutating func top(_ count: Int, level: Int) throws {
        var prior = Convolution(outputs: count, inputs: 0, taps: 9, weight: [])
        if state.has("prior/p/W") {
            let kernel = try bordered("prior/p/", count, count)
            prior = Convolution(outputs: count, inputs: 0, taps: 9, weight: [], border: kernel.border)
            prior.add(try state.vector("prior/p/b", count))
            prior.scale(try state.exponentials("prior/p/logs", count))
        }
        if state.has("prior/y_emb/W") {
            let shape = try state.shape("prior/y_emb/W")
            guard shape.count == 2 else { throw state.fault("prior/y_emb/W", "is no matrix") }
            let number = try settings.requireClass(of: shape[0])
            let row = try state.matrix("prior/y_emb/W", shape[0], count)[number * count ..< (number + 1) * count]
            let bias = try state.vector("prior/y_emb/b", count)
            let scale = try state.exponentials("prior/y_emb/logs", count)
            prior.add((0 ..< count).map { (row[row.startIndex + $0] + bias[$0]) * scale[$0] })
        } else if let number = settings.imageClass {
            throw Fault("is not class-conditional, so it has no class \(number)")
        }
        try builder.setPrior(prior, level: level, isLast: true, name: "prior")
    }
}

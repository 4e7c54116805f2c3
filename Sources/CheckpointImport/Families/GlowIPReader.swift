import Glibc

/// glowip: second half conditions, scale before shift, no priors.
enum GlowIPReader {
    private static let step = KeyPattern("glow_modules.{}.invconv.W")

    /// The squeezes are those of code since July 2020 and no offset is added: what the file leaves open is set afterwards.
    ///
    /// - Throws: `Fault` that names the key.
    static func fold(_ state: StateDict, inputOffset: Double) throws -> FoldedFlow {
        var builder = GlowBuilder(inputOffset: inputOffset, conditionsOnSecondHalf: true, affineOrder: .scaleFirst)
        var watch = ActnormWatch()
        var layers: [(layer: Int, channels: Int)] = []
        for numbers in state.numbers(step) {
            let name = "glow_modules.\(numbers[0])."
            let net = name + "coupling.net."
            let (c, h, outputs) = try state.networkSizes(first: net + "conv1.weight", last: net + "conv3.weight")
            let matrix = SquareMatrix(order: c, elements: try state.matrix(name + "invconv.W", c, c))
            let logs = watch.seen(try state.vector(name + "actnorm.logs", c))
            let mixing = matrix.scalingColumns(logs.map { exp($0) })
            let bias = mixing.times(watch.seen(try state.vector(name + "actnorm.b", c)))

            func hidden(_ index: Int, inputs: Int, side: Int) throws -> Convolution {
                var convolution = try state.convolution(net + "conv\(index)", h, inputs, side: side)
                convolution.actnorm(
                    watch.seen(try state.vector(net + "actnorm\(index).b", h)),
                    logs: watch.seen(try state.vector(net + "actnorm\(index).logs", h)))
                return convolution
            }
            let (first, second) = (try hidden(1, inputs: c / 2, side: 3), try hidden(2, inputs: h, side: 1))
            var last = try state.convolution(net + "conv3", outputs, h)
            last.scale(try state.exponentials(net + "logs", outputs))
            if outputs == c { last.reorder(OutputOrder.oddEven(outputs)) }
            try builder.add(.init(mixing: mixing, mixingBias: bias, net0: first, net1: second, net2: last), name: String(name.dropLast()))
            layers.append((numbers[0], c))
        }
        try LayerList.requireComplete(layers, stepLayers: 1, name: "glow_modules.")
        try watch.requireTrained()
        try state.requireAllUsed { $0.hasPrefix("glow_modules.") }
        return try builder.build()
    }
}

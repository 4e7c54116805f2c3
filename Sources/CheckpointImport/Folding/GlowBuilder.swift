import GlowModel

/// Makes a `FoldedFlow` of a family's steps, which come level by level, finest first, in the order in which they are applied.
///
/// A step is given in the family's own halves. Where the second half of the channels conditions and the first moves, M takes the exchange of the
/// halves, so that the engine's first half conditions.
struct GlowBuilder {
    /// A step in Double, its last convolution with all shifts before all raw scales.
    struct RawStep {
        let mixing: SquareMatrix
        let mixingBias: [Double]
        let net0: Convolution
        let net1: Convolution
        let net2: Convolution
    }

    /// As many as an architecture has: so the size of a matrix is bounded before it is inverted.
    private static let mostLevels = 8

    private let conditionsOnSecondHalf: Bool
    private let inputOffset: Double
    private let affineOrder: FoldedFlow.AffineOrder
    private let scaleMap: FoldedFlow.ScaleMap
    private var levels: [[FoldedFlow.Step]] = []
    private var priors: [Int: FoldedFlow.Prior] = [:]
    private var firstChannels = 0
    private var hidden = 0
    private var coupling: GlowArchitecture.Coupling?

    init(
        inputOffset: Double, conditionsOnSecondHalf: Bool = false, affineOrder: FoldedFlow.AffineOrder = .shiftFirst,
        scaleMap: FoldedFlow.ScaleMap = .sigmoid
    ) {
        self.inputOffset = inputOffset
        self.conditionsOnSecondHalf = conditionsOnSecondHalf
        self.affineOrder = affineOrder
        self.scaleMap = scaleMap
    }

    /// The level of a step with so many channels: that of the last one, or the next one.
    ///
    /// - Throws: `Fault` where it can be neither.
    func level(ofChannels channels: Int, name: String) throws -> Int {
        if levels.isEmpty {
            guard channels == 4 || channels == 12 else {
                throw Fault("\(name) has \(channels) channels: the first step has 12, or 4 for grey images")
            }
            return 0
        }
        let last = levels.count - 1
        if channels == firstChannels << last { return last }
        if channels == firstChannels << (last + 1), levels.count < Self.mostLevels { return last + 1 }
        throw Fault(
            "\(name) has \(channels) channels after a step with \(firstChannels << last): levels double them, and there are \(Self.mostLevels) at most"
        )
    }

    /// Adds the next step.
    ///
    /// - Parameter name: the family's name for it.
    /// - Throws: `Fault` for sizes that do not fit those before, a value that single precision does not hold, and an M that is not invertible.
    mutating func add(_ step: RawStep, name: String) throws {
        let channels = step.mixing.order
        let level = try level(ofChannels: channels, name: name)
        if levels.isEmpty { (firstChannels, hidden) = (channels, step.net1.outputs) }
        guard step.net1.outputs == hidden else {
            throw Fault("\(name) has \(step.net1.outputs) hidden channels, the steps before have \(hidden)")
        }
        let coupling: GlowArchitecture.Coupling = step.net2.outputs == channels ? .affine : .additive
        guard self.coupling == nil || self.coupling == coupling else {
            throw Fault("\(name) is \(coupling.rawValue), the steps before are not")
        }
        self.coupling = coupling
        if level == levels.count { levels.append([]) }

        var (mixing, bias) = (step.mixing, step.mixingBias)
        if level == 0, levels[0].isEmpty, inputOffset != 0 {
            let offset = mixing.times([Double](repeating: inputOffset, count: channels))
            bias = zip(bias, offset).map { $0 + $1 }
        }
        if conditionsOnSecondHalf {
            let exchange = OutputOrder.exchanged(channels)
            if !levels[level].isEmpty { mixing = mixing.reorderingColumns(exchange) }
            mixing = mixing.reorderingRows(exchange)
            bias = exchange.map { bias[$0] }
        }
        levels[level].append(
            FoldedFlow.Step(
                mixing: try Self.invertible(mixing, name), mixingBias: try Self.rounded(bias, name),
                net0Weight: try Self.rounded(step.net0.weight, name), net0Bias: try Self.rounded(step.net0.bias, name),
                net0Border: try step.net0.border.map { try Self.rounded($0, name) },
                net1Weight: try Self.rounded(step.net1.weight, name), net1Bias: try Self.rounded(step.net1.bias, name),
                net2Weight: try Self.rounded(step.net2.weight, name), net2Bias: try Self.rounded(step.net2.bias, name),
                net2Border: try step.net2.border.map { try Self.rounded($0, name) }))
    }

    /// Channels of a level, after its steps have been added or those of the level before.
    func channels(level: Int) -> Int { firstChannels << level }

    var levelCount: Int { levels.count }

    /// The density of a level's latents; all means before all log deviations.
    ///
    /// - Parameter isLast: whether there is no kept half, so that the convolution is applied to zeros and its weights do nothing.
    mutating func setPrior(_ convolution: Convolution, level: Int, isLast: Bool, name: String) throws {
        var convolution = convolution
        if isLast, conditionsOnSecondHalf {
            let half = convolution.outputs / 2
            let exchange = OutputOrder.exchanged(half)
            convolution.reorder(exchange + exchange.map { half + $0 })
        }
        // The format has weights for every level but the last; a density that does not depend on the kept half has none.
        let weight =
            convolution.inputs > 0
            ? convolution.weight : [Double](repeating: 0, count: convolution.outputs * channels(level: level) / 2 * convolution.taps)
        priors[level] = FoldedFlow.Prior(
            weight: isLast ? nil : try Self.rounded(weight, name), bias: try Self.rounded(convolution.bias, name),
            border: try convolution.border.map { try Self.rounded($0, name) })
    }

    /// A density that is given for each latent: (2Z, height, width).
    mutating func setPrior(map: [Double], height: Int, width: Int, level: Int, name: String) throws {
        priors[level] = FoldedFlow.Prior(map: try Self.rounded(map, name), mapSize: (height, width))
    }

    /// - Throws: `Fault` for sizes that Reglow does not take.
    func build() throws -> FoldedFlow {
        guard let coupling else { throw Fault("has no step") }
        let architecture = try architecture(coupling)
        let isAffine = coupling == .affine
        return FoldedFlow(
            architecture: architecture, affineOrder: isAffine ? affineOrder : .shiftFirst, scaleMap: isAffine ? scaleMap : .sigmoid,
            keepsSecondHalf: conditionsOnSecondHalf, squeeze: .init(repeating: .interleaved, count: levels.count), levels: levels,
            priors: levels.indices.map { level in priors[level].flatMap { $0.isStandard ? nil : $0 } })
    }

    private func architecture(_ coupling: GlowArchitecture.Coupling) throws -> GlowArchitecture {
        do {
            return try GlowArchitecture(
                steps: levels.map(\.count), hidden: hidden, imageChannels: firstChannels / 4, coupling: coupling)
        } catch {
            throw Fault(error.description)
        }
    }

    private static func rounded(_ values: [Double], _ name: String) throws -> [Float] {
        let rounded = values.map { Float($0) }
        guard rounded.allSatisfy(\.isFinite) else { throw Fault("\(name) has a folded weight that single precision does not hold") }
        return rounded
    }

    private static func invertible(_ matrix: SquareMatrix, _ name: String) throws -> [Float] {
        let rounded = try rounded(matrix.elements, name)
        do {
            return try InvertibleMatrix(order: matrix.order, elements: rounded).elements
        } catch let error as InvertibleMatrixError {
            throw Fault("\(name): the matrix of its 1x1 convolution and actnorm \(error.description)")
        }
    }
}
